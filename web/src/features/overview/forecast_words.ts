/** Names of forecast methods in an operator's words. */

import type { Forecast, Outlook } from '@/lib/contract';
import { formatDayClock, parseTime, type Zone } from '@/lib/time';
import { formatPower, formatRamp } from '@/lib/units';

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

/** "Week ahead: at most 120 kW in 9 of 10 cases, on Wed 20 Jan 18:00, of 100 kW; from 84 days". */
export function outlookWords(
  outlook: Pick<Outlook, 'reason' | 'start' | 'step_s' | 'quantiles' | 'load_kw' | 'days_known' | 'is_watched'>,
  limitKw: number | null,
  zone: Zone,
): string {
  const start = parseTime(outlook.start);
  const place = outlook.quantiles.indexOf(0.9);
  const highs = outlook.load_kw.map((row) => row[place] ?? Number.NaN);
  if (start === null || highs.length === 0) {
    return `No outlook for the week: ${outlook.reason}.`;
  }
  const at = highs.reduce((best, kw, index) => (kw > (highs[best] ?? kw) ? index : best), 0);
  const when = formatDayClock(start + at * outlook.step_s * 1000, zone);
  const limit = limitKw === null ? '' : ` of ${formatPower(limitKw)}`;
  const armed = outlook.is_watched ? '; what is over the limit is armed for' : '';
  return `Week ahead, as ${outlook.days_known} days before show it: at most ${formatPower(highs[at])}${limit} in 9 of 10 cases, on ${when}${armed}.`;
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
