import { describe, expect, test } from 'vitest';
import { coverModel, fanModel, fanRows, quantilePlaces } from './fan';
import type { Fan } from './model';

const fan: Fan = {
  start: '2027-01-14T17:00:00Z',
  step_s: 1800,
  quantiles: [0.05, 0.5, 0.9, 0.95],
  without_kw: [
    [80, 90, 110, 120],
    [70, 80, 100, 105],
  ],
  with_kw: [
    [60, 70, 95, 100],
    [55, 65, 90, 92],
  ],
  limit_kw: 100,
  method: 'ensemble',
};
const at = Date.parse(fan.start);
const plan = { start: '2027-01-14T17:00:00Z', end: '2027-01-14T17:30:00Z' };

describe('the fan of a plan', () => {
  test('takes the widest pair and the quantile nearest to nine in ten', () => {
    expect(quantilePlaces(fan.quantiles)).toEqual({ low: 0, high: 3, judged: 2 });
  });

  test('has a row for each half-hour, without and with', () => {
    expect(fanRows(fan)).toEqual([
      { at, withoutLow: 80, withoutJudged: 110, withoutHigh: 120, withLow: 60, withJudged: 95, withHigh: 100 },
      {
        at: at + 1_800_000,
        withoutLow: 70,
        withoutJudged: 100,
        withoutHigh: 105,
        withLow: 55,
        withJudged: 90,
        withHigh: 92,
      },
    ]);
  });

  test('draws half-hour means in their middle, from edge to edge', () => {
    const model = fanModel(fan, plan);
    expect([model.from, model.to]).toEqual([at, at + 3_600_000]);
    expect(model.bands.map((band) => [band.key, band.times[0]])).toEqual([
      ['without', at + 900_000],
      ['with', at + 900_000],
    ]);
    expect(model.lines.map((line) => line.label)).toEqual(['P90 without', 'P90 with', 'limit']);
    expect(model.windows).toEqual([{ from: at, to: at + 1_800_000, label: 'plan' }]);
  });

  test('without a forecast draws need and relief until the end of the last slot', () => {
    const model = coverModel({
      ...plan,
      need: [{ start: plan.start, kw: 10 }],
      relief: [{ start: plan.start, kw: 8 }],
      shortfall: [{ start: plan.start, kw: 2 }],
    });
    expect(model.lines[0]).toMatchObject({ key: 'need', times: [at, at + 1_800_000], values: [10, 10] });
    expect(model.lines[1]?.values).toEqual([8, 8]);
  });
});
