import { expect, test } from 'vitest';
import { forecastWords, rampCells } from './forecast_words';

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
