import { expect, test } from 'vitest';
import type { ForecastModel, Models } from './model';
import { learningWords, originWords, servingWords, wonWords } from './wording';

const models: Models = {
  serving: '',
  former: '',
  state: 'waiting',
  done: 0,
  step: '',
  tried_at: null,
  outcome: '',
  models: [],
  as_of: '2026-11-28T22:00:00.000Z',
};
const model: ForecastModel = {
  model_id: '0f3c2a9b8d1e',
  origin: 'nightly',
  serving: true,
  made_at: '2026-11-28T02:00:00.000Z',
  data_from: '2026-08-01T00:00:00.000Z',
  data_to: '2026-11-25T23:30:00.000Z',
  series: 40,
  rows: 1000,
  beaten: '',
  trial: {
    from: '2026-11-26T00:00:00.000Z',
    to: '2026-11-28T00:00:00.000Z',
    forecasts: 500,
    pinball: 0.019,
    champion_pinball: 0.02,
    p90_share: 0.91,
    champion_p90_share: 0.85,
  },
};

test('says who makes the forecasts', () => {
  expect(servingWords(models)).toMatch(/simpler methods/);
  expect(servingWords({ ...models, serving: '0f3c2a9b8d1e' })).toMatch(/0f3c2a9b8d1e/);
});

test('says what the learning is at', () => {
  expect(learningWords(models)).toMatch(/at night/);
  expect(learningWords({ ...models, state: 'training', done: 0.5, step: 'lead 60 min' })).toMatch(
    /50 % done: lead 60 min/,
  );
  expect(learningWords({ ...models, state: 'off' })).toMatch(/forecast\.train/);
});

test('says against whom a model won, and by how much', () => {
  expect(wonWords(model)).toMatch(/^5\.0 % better than the ridge$/);
  expect(wonWords({ ...model, beaten: 'abc' })).toMatch(/abc$/);
  expect(wonWords({ ...model, trial: null })).toMatch(/not judged/);
  expect(originWords('nightly')).toBe('learnt at night');
  expect(originWords('else')).toBe('else');
});
