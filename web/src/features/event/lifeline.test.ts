import { describe, expect, it } from 'vitest';
import { madeUpEvent } from './fixture';
import { clockRows, lifeline } from './lifeline';

describe('lifeline', () => {
  it('marks what is done, what is now and what is ahead, each with its domain time', () => {
    expect(lifeline(madeUpEvent()).map(({ state, reached, at }) => [state, reached, at])).toEqual([
      ['proposed', 'done', Date.parse('2027-01-14T16:58:00Z')],
      ['approved', 'done', Date.parse('2027-01-14T16:58:00Z')],
      ['armed', 'now', Date.parse('2027-01-14T16:58:01Z')],
      ['notified', 'ahead', null],
      ['active', 'ahead', null],
      ['completed', 'ahead', null],
    ]);
  });

  it('ends in the state that ended it and skips what was never reached', () => {
    const line = lifeline(madeUpEvent({ state: 'cancelled' }));
    expect(line.at(-1)).toMatchObject({ state: 'cancelled', reached: 'now' });
    expect(line.find((one) => one.state === 'active')?.reached).toBe('skipped');
    expect(line.find((one) => one.state === 'armed')?.reached).toBe('done');
  });

  it('skips arming when relief was bought on the spot', () => {
    const clock = [
      { name: 'detected', at: '2027-01-14T16:58:00.000Z', since_detection_ms: 0 },
      { name: 'sent_first', at: '2027-01-14T16:58:00.000Z', since_detection_ms: 3.1 },
    ];
    const line = lifeline(madeUpEvent({ state: 'active', clock }));
    expect(line.map((one) => one.reached)).toEqual(['done', 'skipped', 'skipped', 'skipped', 'now', 'ahead']);
  });
});

describe('clockRows', () => {
  it('keeps an unknown moment under its own name and an unknown latency unknown', () => {
    const clock = [{ name: 'moved_on', at: 'yesterday', since_detection_ms: null }];
    expect(clockRows({ clock })).toEqual([{ name: 'moved_on', words: 'moved on', at: null, since_ms: null }]);
  });
});
