import { describe, expect, it } from 'vitest';
import type { EventSummary } from '@/lib/contract';
import { coverOf, inOrder } from './EventsPanel';

const event = (id: string, change: Partial<EventSummary>): EventSummary =>
  ({
    event_id: id,
    state: 'armed',
    start: '2027-01-14T17:00:00Z',
    contracted_kw: 5,
    shortfall_kw: 0,
    ...change,
  }) as EventSummary;

describe('coverOf', () => {
  it('says what is bought, what is short and what waits', () => {
    expect(coverOf(event('a', {}))).toEqual({ level: 'normal', word: 'covered' });
    expect(coverOf(event('a', { shortfall_kw: 2.5 }))).toEqual({ level: 'over', word: 'short 2.5 kW' });
    expect(coverOf(event('a', { waits_for_approval: true }))).toMatchObject({ level: 'tight' });
    expect(coverOf(event('a', { waits_for_approval: true, alarmed: true, shortfall_kw: 5 }))).toEqual({
      level: 'over',
      word: 'WAITS FOR APPROVAL',
    });
    expect(coverOf(event('a', { alarmed: true, shortfall_kw: 5 }))).toEqual({ level: 'over', word: 'ALARM' });
    expect(coverOf(event('a', { contracted_kw: 0 }))).toMatchObject({ word: 'not yet bought' });
    expect(coverOf(event('a', { state: 'completed', outcome: 'relieved' }))).toEqual({
      level: 'normal',
      word: 'relieved',
    });
    expect(coverOf(event('a', { contracted_kw: 0, shortfall_kw: 9, review_at: '2027-01-11T17:05:00Z' }))).toEqual({
      level: 'tight',
      word: 'put off to Mon 11 Jan 17:05',
    });
    expect(
      coverOf(event('a', { contracted_kw: 0, detected_at: '2027-01-11T16:05:00Z', review_at: '2027-01-11T17:05:00Z' })),
    ).toMatchObject({ word: 'put off to 17:05' });
    expect(coverOf(event('a', { state: 'failed' }))).toMatchObject({ level: 'over' });
  });
});

describe('inOrder', () => {
  it('puts what needs a person above the rest of the open, and the newest of the past after them', () => {
    const list = [
      event('past-early', { state: 'completed', start: '2027-01-13T17:00:00Z' }),
      event('covered-late', { start: '2027-01-14T18:00:00Z' }),
      event('covered', {}),
      event('past-late', { state: 'completed' }),
      event('short', { shortfall_kw: 1, start: '2027-01-14T19:00:00Z' }),
    ];
    expect(inOrder(list).map((one) => one.event_id)).toEqual([
      'short',
      'covered',
      'covered-late',
      'past-late',
      'past-early',
    ]);
  });
});
