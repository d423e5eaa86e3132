import { expect, test } from 'vitest';
import type { Run, Scenario } from './model';
import { bodyOf, countsWords, curveModel, draftOf, eventWeatherWords, stateWords, weatherWords } from './wording';

const scenario: Scenario = {
  id: 'hot',
  title: 'Hot',
  description: '',
  place: 'London',
  event: 'heatwave',
  start: '2027-07-12T23:00:00.000Z',
  hours: 72,
  levers: {
    temperature_max_c: 38,
    temperature_min_c: null,
    ev_uptake: 1,
    der_outage_share: 0.25,
    price_factor: 1.5,
    load_factor: 1,
    quantile: 0.5,
  },
  lost_elements: ['A', 'B'],
  built_in: true,
};
const run: Run = {
  run_id: 'run-1',
  state: 'running',
  done: 0.4,
  scenario_id: 'hot',
  title: 'Hot',
  place: 'London',
  event: 'heatwave',
  start: scenario.start,
  hours: 72,
  seed: 1,
  assets: 105,
  risks: {},
  by: 'op',
  asked_at: scenario.start,
  elapsed_ms: null,
  fault: '',
};

test('an edited question becomes the body that the server takes', () => {
  const draft = { ...draftOf(scenario), temperatureMax: '41', rainTotal: ' ', hours: 'long' };
  const body = bodyOf(draft, 'Hotter') as { scenario: Record<string, unknown>; seed: unknown };
  expect(body.seed).toBe(1);
  expect(body.scenario).toMatchObject({
    location: 'London',
    event_type: 'heatwave',
    start_date: '2027-07-12T23:00:00Z',
    duration_hours: 'long',
    weather: { max_temp_celsius: 41 },
    levers: { ev_uptake: 1, der_outage_share: 0.25, price_factor: 1.5, quantile: 0.5 },
    lost_elements: ['A', 'B'],
  });
});

test('says where a run stands', () => {
  expect(stateWords(run)).toBe('40 % of 105 assets');
  expect(stateWords({ ...run, state: 'done', risks: { CRITICAL: 2, LOW: 7 } })).toBe('2 critical, 7 low');
  expect(countsWords({})).toBe('no risk');
  expect(stateWords({ ...run, state: 'failed', fault: 'no assets' })).toBe('failed: no assets');
});

test('says who said the weather', () => {
  expect(
    weatherWords([
      { source: 'open_meteo', hours: 48, fetched: null, why: '' },
      { source: 'climatology', hours: 25, fetched: null, why: 'beyond the forecast' },
    ]),
  ).toBe('open_meteo for 48 h; climatology for 25 h (beyond the forecast)');
  expect(eventWeatherWords({ temperature_c: [22, 38], rain_mm: [0, 20] })).toBe('22.0 to 38.0 °C, 20 mm of rain');
});

test('another run is laid over from its own begin', () => {
  const curve = {
    asset_id: 'A',
    start: '2027-07-12T23:00:00.000Z',
    period_minutes: 30,
    load_kw: [1, 2],
    low_kw: [1, 1],
    high_kw: [2, 3],
    rating_kw: [4, 4],
  };
  const model = curveModel(curve, { ...curve, start: '2027-01-01T00:00:00.000Z', load_kw: [5, 6, 7] });
  expect(model.lines.map((line) => line.key)).toEqual(['load', 'rating', 'other']);
  expect(model.lines[2]?.times).toEqual(model.lines[0]?.times);
  expect(model.lines[2]?.values).toEqual([5, 6]);
  expect(model.to - model.from).toBe(3_600_000);
});
