/** Names of forecast methods in an operator's words. */

import type { Forecast } from '@/lib/contract';
import { formatRamp } from '@/lib/units';

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

export interface RampCell {
  lead: string;
  median: string;
  band: string;
}

/** The ramps of a forecast, one a lead: the median, and the band that holds 80 % of cases. */
export function rampCells({ ramp, quantiles }: Pick<Forecast, 'ramp' | 'quantiles'>): RampCell[] {
  const at = (values: number[], quantile: number) => values[quantiles.indexOf(quantile)];
  return ramp.leads.map(({ lead_s, mw_per_min }) => ({
    lead: `${lead_s / 60} min`,
    median: formatRamp(at(mw_per_min, 0.5)),
    band: `${formatRamp(at(mw_per_min, 0.1))} … ${formatRamp(at(mw_per_min, 0.9))}`,
  }));
}
