import { describe, expect, it } from 'vitest';
import {
  formatClock,
  formatClockMs,
  formatDate,
  formatMarks,
  formatPeriod,
  formatWindow,
  formatWindowAhead,
  parseTime,
  periodsOfDay,
  settlementPeriod,
  zoneName,
} from './time';

const at = (text: string) => Date.parse(text);

describe('settlementPeriod', () => {
  it('is 34 at 16:55 on a winter evening', () => {
    expect(settlementPeriod(at('2027-01-14T16:55:00Z'))).toEqual({
      date: '2027-01-14',
      number: 34,
      start: at('2027-01-14T16:30:00Z'),
    });
  });

  it('begins the summer day at 23:00 UTC of the day before', () => {
    expect(settlementPeriod(at('2027-06-30T23:00:00Z'))).toMatchObject({ date: '2027-07-01', number: 1 });
    expect(settlementPeriod(at('2027-06-30T22:59:59Z'))).toMatchObject({ date: '2027-06-30', number: 48 });
  });

  it('counts 46 periods on the day clocks go forward, skipping 01:00 to 02:00', () => {
    expect(periodsOfDay('2027-03-28')).toBe(46);
    expect(settlementPeriod(at('2027-03-28T00:59:59Z'))).toMatchObject({ date: '2027-03-28', number: 2 });
    expect(settlementPeriod(at('2027-03-28T01:00:00Z'))).toMatchObject({ date: '2027-03-28', number: 3 });
    expect(settlementPeriod(at('2027-03-28T22:30:00Z'))).toMatchObject({ date: '2027-03-28', number: 46 });
    expect(settlementPeriod(at('2027-03-28T23:00:00Z'))).toMatchObject({ date: '2027-03-29', number: 1 });
  });

  it('counts 50 periods on the day clocks go back, with both hours from 01:00', () => {
    expect(periodsOfDay('2027-10-31')).toBe(50);
    expect(settlementPeriod(at('2027-10-31T00:00:00Z'))).toMatchObject({ number: 3 }); // 01:00 BST
    expect(settlementPeriod(at('2027-10-31T01:00:00Z'))).toMatchObject({ number: 5 }); // 01:00 GMT
    expect(settlementPeriod(at('2027-10-31T23:59:59Z'))).toMatchObject({ date: '2027-10-31', number: 50 });
  });

  it('counts 48 on the days around them', () => {
    expect(periodsOfDay('2027-03-27')).toBe(48);
    expect(periodsOfDay('2027-03-29')).toBe(48);
    expect(periodsOfDay('2028-02-29')).toBe(48);
  });
});

describe('clocks', () => {
  const summer = at('2027-07-01T16:05:09.042Z');

  it('are written in the zone that was asked for', () => {
    expect(formatClock(summer, 'utc')).toBe('16:05');
    expect(formatClock(summer, 'local')).toBe('17:05');
    expect(formatClockMs(summer, 'utc')).toBe('16:05:09.042');
    expect(zoneName(summer, 'local')).toBe('BST');
    expect(zoneName(at('2027-01-14T12:00:00Z'), 'local')).toMatch(/^(GMT|UTC)$/);
    expect(formatDate(summer)).toBe('Thu 1 Jul 2027');
    expect(formatWindow(summer, summer + 3_600_000, 'utc')).toBe('16:05–17:05');
  });

  it('name the day of a window that lay days ahead when it was detected', () => {
    const start = at('2027-01-14T17:00:00Z');
    const end = at('2027-01-14T18:30:00Z');
    expect(formatWindowAhead(start, end, at('2027-01-09T09:00:00Z'), 'utc')).toBe('Thu 14 Jan 17:00–18:30');
    expect(formatWindowAhead(start, end, at('2027-01-14T16:00:00Z'), 'utc')).toBe('17:00–18:30');
    expect(formatWindowAhead(start, end, null, 'utc')).toBe('17:00–18:30');
  });

  it('are a dash when there is no instant', () => {
    expect(formatClock(null)).toBe('–');
    expect(formatPeriod(undefined)).toBe('–');
    expect(parseTime('yesterday')).toBeNull();
    expect(parseTime(null)).toBeNull();
  });

  it('write midnight as 00:00', () => {
    expect(formatClock(at('2027-01-14T00:00:00Z'), 'local')).toBe('00:00');
  });
});

describe('formatMarks', () => {
  const midnights = ['2026-12-01T00:00:00Z', '2026-12-02T00:00:00Z'].map(at);

  it('names days where marks stand a day apart, and clocks where they are closer', () => {
    expect(formatMarks(midnights)).toEqual(['Tue 1', 'Wed 2']);
    expect(formatMarks([midnights[0] ?? 0, (midnights[0] ?? 0) + 3_600_000])).toEqual(['00:00', '01:00']);
    expect(formatMarks([])).toEqual([]);
  });
});
