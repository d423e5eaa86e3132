/** What stands on the page of forecast models, in an operator's words. */

import { formatShare } from '@/lib/units';
import type { ForecastModel, Models } from './model';

const origins: Readonly<Record<string, string>> = {
  nightly: 'learnt at night',
  start: 'learnt at start',
  file: 'given as a file',
};

export const originWords = (origin: string) => origins[origin] ?? origin;

/** Who makes the forecasts now. */
export function servingWords(models: Models): string {
  return models.serving === ''
    ? 'No learnt model serves yet; forecasts are made by the simpler methods'
    : `Model ${models.serving} makes the forecasts`;
}

export function learningWords(models: Models): string {
  switch (models.state) {
    case 'off':
      return 'Nothing is learnt: forecast.train is false';
    case 'reading':
      return 'The half-hours of the past are being read';
    case 'training':
      return `A challenger is being learnt, ${formatShare(models.done)} done${models.step ? `: ${models.step}` : ''}`;
    case 'waiting':
      return 'The next challenger is learnt at night';
  }
}

/** By how much it won: "4.2 % better than the ridge". */
export function wonWords(model: ForecastModel): string {
  if (!model.trial) {
    return 'not judged: it was given as a file';
  }
  const gain = 1 - model.trial.pinball / model.trial.champion_pinball;
  return `${formatShare(gain, 1)} better than ${model.beaten === '' ? 'the ridge' : model.beaten}`;
}
