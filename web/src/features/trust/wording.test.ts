import { describe, expect, test } from 'vitest';
import type { Correction, Incident } from './model';
import { accusedText, incidentLevel, mappingText } from './wording';

const correction: Correction = {
  correction_id: '',
  meter: 'F-0130',
  kind: 'phase_order',
  factor: [-1, 1000, 0.001],
  order: [2, 1, 3],
  proposal: '',
  incident_id: '',
  applied_at: null,
  applied_by: '',
  reason: '',
};

const incident: Incident = {
  incident_id: 'T-1',
  kind: 'tampering',
  place: 'S-1',
  meter: 'F-1',
  layer: 'balance',
  confidence: 0.9,
  evidence: '',
  open: true,
  distrusting: true,
  opened_at: '2027-01-14T17:00:00Z',
  last_at: '2027-01-14T17:10:00Z',
  closed_at: null,
  closed_by: '',
  closed_because: '',
  proposal: null,
  event_id: '',
};

describe('words of the trust page', () => {
  test('a mapping names factor and source of each phase', () => {
    expect(mappingText(correction)).toMatch(
      /^L1 × .1 from the meter’s L2, L2 × 1,?000 from the meter’s L1, L3 × 0\.001$/,
    );
  });
  test('only what is kept apart is an alarm of the first rank', () => {
    expect(incidentLevel(incident)).toBe('over');
    expect(incidentLevel({ ...incident, distrusting: false })).toBe('tight');
    expect(incidentLevel({ ...incident, kind: 'communication' })).toBe('near');
    expect(incidentLevel({ ...incident, open: false })).toBe('normal');
  });
  test('who is accused', () => {
    expect(accusedText(incident)).toBe('F-1');
    expect(accusedText({ ...incident, meter: 'S-1' })).toBe('S-1 (the busbar)');
    expect(accusedText({ ...incident, meter: '' })).toBe('no meter can be named');
    expect(accusedText({ ...incident, meter: '', kind: 'communication' })).toBe('the way of the readings');
  });
});
