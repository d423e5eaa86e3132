import { expect, test } from 'vitest';
import type { Enrolment, Programme } from './model';
import { hoursWords, productsWords, standingDetail, testWords } from './wording';

const programme: Programme = {
  programme_id: 'WINTER-26',
  name: 'Winter evenings',
  terms: 'terms.pdf',
  products: ['availability', 'spot'],
  der_classes: [],
  from: '2026-11-01T00:00:00.000Z',
  until: '2027-03-01T00:00:00.000Z',
  day_from: '16:00',
  day_until: '20:00',
  working_days_only: true,
  test_share: 0.9,
  test_valid_days: 365,
  open_now: false,
  enrolled: 2,
  eligible: 1,
  eligible_kw: 6,
};
const enrolment: Enrolment = {
  programme_id: 'WINTER-26',
  der_id: 'BAT-17',
  provider: 'tesla-vpp',
  der_class: 'battery',
  feeder_id: 'F-0130',
  power_kw: 6,
  standing: 'eligible',
  consent_by: 'A. Site',
  consent_from: '2026-11-01T00:00:00.000Z',
  consent_until: '2027-11-01T00:00:00.000Z',
  tested_at: null,
  tested_kw: null,
  delivered_kw: null,
  evidence: '',
  qualified_until: null,
  suspended_from: null,
  suspended_until: null,
  suspended_because: '',
  withdrawn_at: null,
};

test('says when and what may be bought', () => {
  expect(hoursWords(programme)).toBe('16:00–20:00 on working days');
  expect(hoursWords({ ...programme, day_from: '00:00', day_until: '24:00', working_days_only: false })).toBe('all day');
  expect(productsWords(programme)).toBe('armed, spot');
});

test('says what must have been shown', () => {
  expect(testWords(programme)).toBe('90 %, again after 365 days');
  expect(testWords({ ...programme, test_share: 0 })).toBe('none');
});

test('says why somebody is left out', () => {
  expect(standingDetail(enrolment)).toMatch(/consent until/);
  expect(standingDetail({ ...enrolment, standing: 'suspended', suspended_because: 'new meter' })).toBe('new meter');
  expect(standingDetail({ ...enrolment, standing: 'not_qualified' })).toBe('no test yet');
  expect(standingDetail({ ...enrolment, standing: 'failed_test', delivered_kw: 5.2, tested_kw: 6 })).toBe(
    '5.2 of 6.0 kW',
  );
});
