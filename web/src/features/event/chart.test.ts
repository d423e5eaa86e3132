import { describe, expect, it } from 'vitest';
import {
  bandPath,
  chartRange,
  chartTable,
  fanOf,
  linePath,
  marksOf,
  place,
  points,
  powerRange,
  stepPath,
  ticks,
} from './chart';
import { madeUpEvent } from './fixture';

const at = (text: string) => Date.parse(`2027-01-14T${text}:00Z`);
const x = { from: 0, to: 10, a: 0, b: 100 };
const y = { from: 0, to: 10, a: 100, b: 0 };

describe('scales', () => {
  it('place a value between two pixels, upside down where pixels are', () => {
    expect(place(x, 2.5)).toBe(25);
    expect(place(y, 2.5)).toBe(75);
  });

  it('choose round ticks, at most as many steps as asked for', () => {
    expect(ticks(0, 2800, 5)).toEqual([0, 1000, 2000]);
    expect(ticks(38, 104, 6)).toEqual([40, 60, 80, 100]);
    expect(ticks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  });

  it('begin at zero unless the values lie far from it', () => {
    expect(powerRange([10, 100]).from).toBe(0);
    expect(powerRange([2000, null, 2100]).from).toBeGreaterThan(1900);
    expect(powerRange([])).toEqual({ from: 0, to: 1 });
  });
});

describe('paths', () => {
  it('leave a gap where a minute is not known', () => {
    const line = [
      { at: 0, kw: 0 },
      { at: 1, kw: 10 },
      { at: 2, kw: null },
      { at: 3, kw: 5 },
    ];
    expect(linePath(line, x, y)).toBe('M0.0 100.0L10.0 0.0M30.0 50.0');
  });

  it('draw half-hourly means as steps and bands between them', () => {
    expect(stepPath([0, 5], [10, 0], 5, x, y)).toBe('M0.0 0.0L50.0 0.0L50.0 100.0L100.0 100.0');
    expect(bandPath([0], [0], [10], 5, x, y)).toBe('M0.0 0.0L50.0 0.0L50.0 100.0L0.0 100.0Z');
    expect(bandPath([], [], [], 5, x, y)).toBe('');
  });
});

describe('the chart of an event', () => {
  const event = madeUpEvent();
  const range = chartRange(event);

  it('covers two hours before the window and one after it', () => {
    expect(range).toEqual({ from: at('15:30'), to: at('19:30') });
  });

  it('takes the forecast as it was raised, with the alarm quantile by name', () => {
    expect(fanOf(event, range)).toMatchObject({
      starts: [at('17:00'), at('17:30')],
      bands: [{ low: [2000, 2300], high: [2200, 2712], name: 'P10–P90' }],
      alarm: [2200, 2712],
      alarmName: 'P90',
      median: [2100, 2500],
    });
    expect(fanOf(madeUpEvent({ forecast: { ...event.forecast, start: null, load_kw: [] } }), range)).toBeNull();
  });

  it('marks release only once devices were told and the event is over', () => {
    const names = (change: Parameters<typeof madeUpEvent>[0]) =>
      marksOf(madeUpEvent(change), range).map((one) => one.name);
    const told = {
      instruction_id: 'i',
      der_id: 'B-1',
      kind: 'turn_down',
      value_kw: 1,
      start: '2027-01-14T17:30:00Z',
      expires_at: '2027-01-14T18:30:00Z',
      state: 'acked',
      sent_at: null,
      acked_at: null,
      ack_ms: 1,
      detail: '',
    };
    expect(names({})).toEqual(['detected']);
    expect(names({ state: 'cancelled' })).toEqual(['detected']);
    expect(names({ state: 'completed', instructions: [told] })).toEqual(['detected', 'released']);
  });

  it('has a table twin of half-hourly means, unknown where nothing is known', () => {
    const series = {
      point_id: 'p',
      kind: 'measured',
      method: 'measured',
      unit: 'kW',
      step_s: 60,
      start: '2027-01-14T17:00:00Z',
      values: [100, 200, null],
      source: 's',
      as_of: '',
    };
    const rows = chartTable(points(series), points(null), fanOf(event, range), range);
    expect(rows).toHaveLength(8);
    expect(rows[3]).toEqual({ at: at('17:00'), measured: 150, without: null, alarm: 2200 });
    expect(rows[0]).toEqual({ at: at('15:30'), measured: null, without: null, alarm: null });
  });
});
