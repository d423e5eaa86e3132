import { expect, test } from 'vitest';
import type { Contingency, ShelfOrder, Switching } from './model';
import { countCovers, minutesWords, orderWords, pathwayName, switchingWords, usedWords } from './wording';

const order: ShelfOrder = {
  feeder_id: 'F-2',
  phase: 'L1',
  event_id: null,
  from_minutes: 2,
  power_kw: [20],
  peak_kw: 20,
  der_ids: ['D-1'],
  ders_count: 1,
  authority: 'act',
  authority_reason: '',
  guard: 'pass',
  guard_reason: '',
};
const tie: Switching = {
  tie_id: 'T-1',
  from: 'F-1',
  to: 'F-2',
  close_after_minutes: 45,
  waits_for_orders: false,
  is_remote: false,
  share: 1,
  peak_kw: 60,
  rating_kw: 120,
};

test('minutes from the loss on', () => {
  expect(minutesWords(0)).toBe('at once');
  expect(minutesWords(45)).toBe('after 45 min');
  expect(minutesWords(null)).toBe('–');
});

test('how a tie is closed', () => {
  expect(switchingWords(tie)).toBe('by hand, after 45 min');
  expect(switchingWords({ ...tie, is_remote: true, close_after_minutes: 0, waits_for_orders: true })).toBe(
    'by remote control, at once, once the orders have responded',
  );
});

test('what an order asks, and what would hold it back', () => {
  expect(orderWords(order)).toBe('20.0 kW after 2 min, to be bought, 1 DERs');
  expect(orderWords({ ...order, event_id: 'ev-1', guard: 'feeder_rate', guard_reason: 'too fast' })).toBe(
    '20.0 kW after 2 min, armed: fired, 1 DERs; the guard would hold it back: too fast',
  );
});

test('pathways and uses', () => {
  expect(pathwayName('wait')).toBe('Wait for repair');
  expect(pathwayName('other')).toBe('other');
  expect(
    usedWords({
      at: '2027-01-14T17:00:00.000Z',
      state: 'outage',
      source: 'scada',
      carried_out: 'act',
      detail: 'F-1 is lost',
      plan_sha256: '0',
      event_ids: [],
      first_command_ms: 7.25,
    }),
  ).toBe('F-1 is lost. First command 7.3 ms after detection.');
});

test('covers are counted, the worst first', () => {
  const list = [{ cover: 'covered' }, { cover: 'uncovered' }, { cover: 'covered' }] as Contingency[];
  expect(countCovers(list)).toEqual([
    ['uncovered', 1],
    ['partly', 0],
    ['covered', 2],
    ['none', 0],
  ]);
});
