/** Names of forecast methods in an operator's words. */

import type { Forecast } from '@/lib/contract';

const methods: Readonly<Record<string, string>> = {
  ensemble: 'learnt model',
  ridge: 'linear model',
  seasonal_naive: 'same half-hour of an earlier day',
  persistence: 'newest load carried on',
};

/** "Forecast: linear model, because no ensemble has been trained yet". */
export function forecastWords({ method, model, reason }: Pick<Forecast, 'method' | 'model' | 'reason'>): string {
  if (method === 'none') {
    return `No forecast: ${reason || 'nothing is known of the past'}`;
  }
  const name = methods[method] ?? method;
  return `Forecast: ${name}${model ? ` ${model}` : ''}${reason ? `, because ${reason}` : ''}`;
}
