import { describe, expect, test } from 'vitest';
import { refusalWords } from '@/lib/words';
import { whoWords } from './Alternatives';
import type { Copilot } from './model';
import { placeWords } from './RuleRefs';
import { armingWords, causeOfPlan, chipWords, constraintWords, stateWords } from './wording';

const said: Copilot = {
  verdict: 'llm_infeasible',
  guard: 'physics',
  violations: [],
  summary: '',
  justification: '',
  model: 'm-1',
  latency_ms: 12,
  may_be_approved: false,
  proposal_sha256: '',
  proposal_cost_gbp: 0,
  proposal_shortfall_kw: 0,
  proposal_actions: [],
  exchanges: [],
  seq: 7,
};

describe("the co-pilot's chip", () => {
  test('names the reason for which the deterministic plan is used', () => {
    expect(chipWords(said, 'optimiser').word).toBe('Deterministic plan used: llm_infeasible');
    expect(chipWords(null, 'optimiser').word).toContain('was not asked');
  });
  test('says that a proposal waits only while it may be approved', () => {
    const accepted = { ...said, verdict: 'accepted' };
    expect(chipWords({ ...accepted, may_be_approved: true }, 'optimiser')).toEqual({
      word: 'Deterministic plan; a better proposal waits beside it',
      tone: 'notice',
    });
    expect(chipWords(accepted, 'optimiser').word).toContain('stood beside it');
    expect(chipWords(null, 'llm+optimiser').word).toContain('approved by a person');
  });
});

test('a constraint in one line', () => {
  const one = {
    feeder_id: 'F-1',
    phase: 'L1',
    limit: null,
    cause: 'forecast',
    level: 'high',
    start: '',
    end: '',
    peak_over_kw: 84.96,
    energy_over_kwh: 10,
    probability: 0.62,
    time_to_limit_s: 7200,
    covered_share: 1,
  };
  expect(constraintWords(one)).toBe('up to 85.0 kW over, forecast, 62 % likely, 2 h to the limit');
  expect(constraintWords({ ...one, cause: 'asked', probability: null, time_to_limit_s: null })).toBe(
    'up to 85.0 kW over, handed in',
  );
});

test('what a plan was made for', () => {
  expect(causeOfPlan({ kind: 'asked', why: 'handed in', round: 0 })).toBe('a need handed in');
  expect(causeOfPlan({ kind: 'event', why: 'overload', round: 1 })).toBe('overload');
  expect(causeOfPlan({ kind: 'event', why: 'a device is silent', round: 2 })).toBe('round 2: a device is silent');
});

test('many resources are counted, few are named', () => {
  expect(whoWords([])).toBe('–');
  expect(whoWords(['A', 'B'])).toBe('A, B');
  expect(whoWords(Array.from({ length: 11 }, (_, index) => `D${index}`))).toContain('and 3 more');
});

test('a citation says document and page, or line where there are none', () => {
  expect(placeWords({ document: 'manual', section: '4 Ratings', page: 12, line: 3 })).toBe(
    'manual, 4 Ratings, page 12',
  );
  expect(placeWords({ document: 'manual', section: '', page: 0, line: 3 })).toBe('manual, line 3');
});

test('a name that is not known is shown as it is', () => {
  expect(stateWords('dry_run')).toBe('handed in: buys nothing');
  expect(stateWords('strange')).toBe('strange');
});

test('a refused write says that nothing was changed', () => {
  expect(refusalWords(409, 'it is now x')).toContain('nothing was changed');
  expect(refusalWords(0, '')).toContain('is not known');
});

test('what waiting would be worth, and what becomes of it', () => {
  const arming = {
    choice: 'wait',
    cost_now_gbp: 12,
    cost_later_gbp: 9.5,
    value_of_waiting_gbp: 2.5,
    reason: 'The forecast will be sharper.',
    review_at: '2027-01-14T15:00:00Z',
  };
  expect(armingWords(arming, 'utc')).toBe(
    'Decided anew at Thu 14 Jan 15:00: waiting is worth £2.50 (£12.00 expected now, £9.50 later). The forecast will be sharper.',
  );
  expect(armingWords({ ...arming, choice: 'arm', review_at: null }, 'utc')).toContain('Armed now: ');
  expect(armingWords({ ...arming, choice: 'spot', review_at: null }, 'utc')).toContain('Left to the spot: ');
});
