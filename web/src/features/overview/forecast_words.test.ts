import { expect, test } from 'vitest';
import { forecastWords } from './forecast_words';

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
