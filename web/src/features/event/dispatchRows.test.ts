import { describe, expect, it } from 'vitest';
import { deviceRows, replacements } from './dispatchRows';
import { assignment, madeUpEvent } from './fixture';
import type { Instruction } from './model';
import { periodRows } from './settlementRows';

function instruction(der_id: string, seq: number, change: Partial<Instruction> = {}): Instruction {
  return {
    instruction_id: `${der_id}-${seq}`,
    der_id,
    kind: 'setpoint',
    value_kw: -3,
    start: '2027-01-14T17:30:00Z',
    expires_at: '2027-01-14T17:45:00Z',
    state: 'acked',
    sent_at: '2026-11-28T15:41:53.927Z',
    acked_at: null,
    ack_ms: 0.2,
    detail: '',
    attempt: 1,
    seq,
    ...change,
  };
}

describe('deviceRows', () => {
  const event = madeUpEvent({
    assignments: [assignment('B-1', 'following'), assignment('B-2', 'silent'), assignment('B-3', 'following')],
    instructions: [
      instruction('B-1', 10),
      instruction('B-2', 11, { state: 'timeout', ack_ms: null, attempt: 2 }),
      instruction('B-3', 31, { ack_ms: 0.9 }),
      instruction('B-3', 40, { ack_ms: 0.4 }),
      instruction('B-1', 50, { kind: 'release', value_kw: 0 }),
    ],
    audit: [
      {
        seq: 30,
        type: 'dispatch.replace',
        at: '',
        outcome: 'ok',
        actor: '',
        text: 'Replacing devices on HV-1: 170.0 kW uncovered',
      },
    ],
  });
  const rows = deviceRows(event);

  it('puts the silent device first and says on which attempt it stayed silent', () => {
    expect(rows[0]).toMatchObject({
      der_id: 'B-2',
      is_silent: true,
      told: 1,
      acked: 0,
      detail: 'timeout on attempt 2',
    });
  });

  it('knows who came in after the replacement', () => {
    expect(rows.map((row) => [row.der_id, row.is_replacement])).toEqual([
      ['B-2', false],
      ['B-1', false],
      ['B-3', true],
    ]);
    expect(replacements(event)).toEqual(['Replacing devices on HV-1: 170.0 kW uncovered']);
  });

  it('keeps the first and the slowest acknowledgement and does not count a release', () => {
    expect(rows[2]).toMatchObject({ told: 2, acked: 2, first_ack_ms: 0.9, slowest_ack_ms: 0.9 });
    expect(rows[1]).toMatchObject({ told: 1, acked: 1 });
  });
});

describe('periodRows', () => {
  it('sums devices per half-hour in order of time', () => {
    const row = (start: string, delivered_kwh: number) => ({
      start,
      baseline_kwh: 5,
      metered_kwh: 5 - delivered_kwh,
      delivered_kwh,
      instructed_kwh: 2,
    });
    const rows = periodRows([
      { der_id: 'B-1', rows: [row('2027-01-14T18:00:00Z', 1), row('2027-01-14T17:30:00Z', 2)] },
      { der_id: 'B-2', rows: [row('2027-01-14T17:30:00Z', -0.5)] },
    ]);
    expect(rows.map((one) => [one.start, one.delivered_kwh, one.baseline_kwh])).toEqual([
      [Date.parse('2027-01-14T17:30:00Z'), 1.5, 10],
      [Date.parse('2027-01-14T18:00:00Z'), 1, 5],
    ]);
  });
});
