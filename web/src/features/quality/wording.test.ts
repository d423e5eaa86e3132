import { expect, test } from 'vitest';
import type { Balance, SourceClock } from './model';
import {
  balanceWord,
  clockLevel,
  clockWord,
  delayText,
  feedLevel,
  formatDelay,
  freshShare,
  quarantineText,
  sourceLevel,
  sourceWord,
  valueText,
} from './wording';

const clock = (verdict: SourceClock['verdict'], median: number | null): SourceClock => ({
  verdict,
  median_s: median,
  p05_s: median,
  p95_s: median,
  samples: 20,
  detail: '',
});

test('a clock that is ten minutes off says so and is no normal state', () => {
  expect(clockWord(clock('ahead', -600))).toBe('clock 10 min ahead');
  expect(clockWord(clock('behind', 600))).toBe('clock 10 min behind');
  expect(clockLevel(clock('ahead', -600))).toBe('tight');
  expect(clockLevel(clock('ok', 1))).toBe('normal');
  expect(clockWord(clock('unknown', null))).toBe('not known yet');
});

test('a delay keeps its direction', () => {
  expect(formatDelay(-600)).toBe('−10 min');
  expect(formatDelay(2)).toBe('2 s');
  expect(formatDelay(null)).toBe('–');
});

test('quarantine reasons stand largest first and unknown ones as they are', () => {
  expect(quarantineText({ malformed: 1, unknown_point: 12, odd: 2 })).toBe(
    'unknown feeder or phase 12, odd 2, unreadable 1',
  );
  expect(quarantineText({})).toBe('');
});

test('a busbar with a feeder missing is incomplete, not off', () => {
  const balance = { state: 'incomplete', missing: 'F-2' } as Balance;
  expect(balanceWord(balance)).toBe('incomplete: no reading of F-2');
  expect(balanceWord({ ...balance, state: 'off' })).toBe('does not add up');
});

test('coverage is not known before all feeders were looked at', () => {
  const coverage = { as_of: null, feeders: 0, fresh: 0, stale: 0, silent: 0, points: 0, points_fresh: 0 };
  expect(freshShare(coverage)).toBeNull();
  expect(freshShare({ ...coverage, as_of: '2026-11-20T12:00:00.000Z', feeders: 4, fresh: 3 })).toBe(0.75);
});

test('a silent source stands out more than a stale one', () => {
  const last_at = '2026-11-20T12:00:00.000Z';
  const states = (['ok', 'stale', 'silent'] as const).map((state) => sourceLevel({ state, last_at }));
  expect(states).toEqual(['normal', 'near', 'tight']);
});

test('a door through which nothing usable came is no source that fell silent', () => {
  expect(sourceWord({ state: 'silent', last_at: null })).toBe('nothing usable yet');
  expect(sourceLevel({ state: 'silent', last_at: null })).toBe('unknown');
  expect(sourceWord({ state: 'silent', last_at: '2026-11-20T12:00:00.000Z' })).toBe('silent');
});

test('a delay is told when there are enough readings to judge by', () => {
  expect(delayText(clock('unknown', -699))).toBe('–');
  expect(delayText(clock('behind', 600))).toBe('10 min (10 min … 10 min)');
});

test('a value of a feed is told in the unit of its name', () => {
  expect(valueText({ name: 'carbon_g_per_kwh', value: 141.6 })).toEqual({ name: 'carbon', value: '142 g/kWh' });
  expect(valueText({ name: 'market_price_gbp_per_mwh', value: -3 })).toEqual({
    name: 'market price',
    value: '-3.00 £/MWh',
  });
  expect(valueText({ name: 'temperature_c', value: 4 })).toEqual({ name: 'temperature', value: '4.0 °C' });
  expect(valueText({ name: 'national_demand_mw', value: 31200 })).toEqual({
    name: 'national demand',
    value: '31200 MW',
  });
});

test('only a feed that answers is a normal state', () => {
  expect(feedLevel('ok')).toBe('normal');
  expect(feedLevel('old')).toBe('tight');
  expect(feedLevel('down')).toBe('tight');
  expect(feedLevel('off')).not.toBe('normal');
});
