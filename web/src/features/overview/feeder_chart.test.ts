import { describe, expect, it } from 'vitest';
import { chartModel } from './feeder_chart';

const noon = Date.parse('2027-01-14T12:00:00Z');
const input = {
  measured: undefined,
  without: undefined,
  forecast: undefined,
  events: [],
  phase: 'L3',
  limitKw: null,
  now: noon,
  from: noon - 3_600_000,
  to: noon + 3_600_000,
};
const forecast = {
  point_id: 'F-1/p_kw/L3',
  origin: null,
  method: 'ridge',
  model: '',
  reason: '',
  step_s: 1800,
  start: '2027-01-14T11:30:00Z',
  quantiles: [0.05, 0.25, 0.5, 0.75, 0.95],
  load_kw: [
    [1, 2, 3, 4, 5],
    [11, 12, 13, 14, 15],
  ],
  ramp: { reason: 'no ramp model has been trained', origin: null, cadence_s: 0, leads: [] },
  source: '',
  as_of: null,
};

describe('chartModel', () => {
  it('draws nothing where nothing is known', () => {
    const model = chartModel(input);
    expect(model.lines).toEqual([]);
    expect(model.bands).toEqual([]);
  });

  it('draws the fan of the half-hours ahead, at their middle', () => {
    const model = chartModel({ ...input, forecast });
    expect(model.bands.map((band) => [band.low, band.high])).toEqual([
      [[11], [15]],
      [[12], [14]],
    ]);
    expect(model.lines).toMatchObject([{ key: 'median', times: [noon + 900_000], values: [13] }]);
  });

  it('draws the week ahead behind the forecast, under a name of its own', () => {
    const outlook = {
      ...forecast,
      start: '2027-01-16T12:00:00Z',
      origin: '',
      days_known: 84,
      days_judged: 60,
      is_watched: false,
    };
    const model = chartModel({ ...input, forecast, outlook });
    expect(model.bands.map((band) => band.label)).toEqual([
      '5–95 %',
      '25–75 %',
      'week ahead 5–95 %',
      'week ahead 25–75 %',
    ]);
    expect(model.lines.map((line) => line.label)).toEqual(['expected', 'week ahead']);
  });

  it('marks what is expected over the limit at the alarm quantile', () => {
    const alarmed = { ...forecast, quantiles: [0.05, 0.25, 0.5, 0.75, 0.9] };
    expect(chartModel({ ...input, forecast: alarmed, limitKw: 14 }).excess).toEqual({
      times: [noon + 900_000],
      high: [15],
      limit: 14,
    });
    expect(chartModel({ ...input, forecast, limitKw: 14 }).excess).toBeNull();
  });

  it('leaves a gap where a minute is missing, and draws the load on top', () => {
    const measured = {
      point_id: '',
      kind: 'measured',
      method: 'measured',
      unit: 'kW',
      step_s: 60,
      start: '2027-01-14T11:58:00Z',
      values: [4, null],
      source: '',
      as_of: null,
    };
    const model = chartModel({ ...input, measured, limitKw: 80 });
    expect(model.lines.map((line) => line.key)).toEqual(['limit', 'measured']);
    expect(model.lines[1]?.values).toEqual([4, null]);
  });
});
