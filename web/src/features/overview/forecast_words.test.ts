import { expect, test } from 'vitest';
import { forecastWords, outlookWords, rampCells } from './forecast_words';

test('says by what a forecast was made, and why not by the first choice', () => {
  expect(forecastWords({ method: 'ensemble', model: '0f3c2a9b8d1e', reason: '' })).toBe(
    'Forecast: learnt model 0f3c2a9b8d1e',
  );
  expect(forecastWords({ method: 'ridge', model: '', reason: 'no ensemble has been trained yet' })).toBe(
    'Forecast: linear model, because no ensemble has been trained yet',
  );
  expect(forecastWords({ method: 'none', model: '', reason: '' })).toMatch(/^No forecast: /);
  expect(forecastWords({ method: 'other', model: '', reason: '' })).toBe('Forecast: other');
});

test('a ramp is told with its sign and the band of 80 % of cases', () => {
  const ramp = {
    reason: '',
    origin: null,
    cadence_s: 300,
    leads: [{ lead_s: 300, mw_per_min: [-0.02, -0.00032, 0, 0.0041, 0.01, 0.25, 0.5] }],
  };
  expect(rampCells({ ramp, quantiles: [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95] })).toEqual([
    { lead: '5 min', median: '+0.0041', band: '-0.00032 … +0.250' },
  ]);
  expect(rampCells({ ramp: { ...ramp, leads: [] }, quantiles: [0.5] })).toEqual([]);
  expect(rampCells({ ramp, quantiles: [0.5] })[0]?.band).toBe('– … –');
});

test('the week ahead is told by its highest half-hour, or why there is none', () => {
  const outlook = {
    reason: '',
    start: '2027-01-16T17:30:00Z',
    step_s: 1800,
    quantiles: [0.5, 0.9],
    load_kw: [
      [80, 90],
      [100, 120],
      [90, 110],
    ],
    days_known: 84,
    is_watched: true,
  };
  expect(outlookWords(outlook, 100, 'utc')).toBe(
    'Week ahead, as 84 days before show it: at most 120 kW of 100 kW in 9 of 10 cases, on Sat 16 Jan 18:00; what is over the limit is armed for.',
  );
  expect(outlookWords({ ...outlook, is_watched: false }, null, 'utc')).not.toContain('armed');
  const none = {
    ...outlook,
    start: null,
    load_kw: [],
    reason: 'the week ahead needs 14 days of readings, and 3 are known',
  };
  expect(outlookWords(none, 100, 'utc')).toBe(
    'No outlook for the week: the week ahead needs 14 days of readings, and 3 are known.',
  );
});
