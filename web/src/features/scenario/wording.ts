/** What stands on the page of scenarios, in an operator's words, and how an edited question becomes a body. */

import type { ChartModel } from '@/lib/chart_model';
import type { Level } from '@/lib/level';
import { formatCount, formatNumber } from '@/lib/units';
import type { Asset, Curve, Draft, Remedy, RiskLevel, Run, RunResult, Scenario, WeatherSource } from './model';

export const levels: readonly RiskLevel[] = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'];

export const levelMarks: Readonly<Record<RiskLevel, Level>> = {
  CRITICAL: 'over',
  HIGH: 'tight',
  MEDIUM: 'near',
  LOW: 'normal',
};
export const levelWords: Readonly<Record<RiskLevel, string>> = {
  CRITICAL: 'critical',
  HIGH: 'high',
  MEDIUM: 'medium',
  LOW: 'low',
};

export const eventWords: Readonly<Record<string, string>> = {
  normal: 'nothing special',
  heatwave: 'heatwave',
  cold_snap: 'cold snap',
  flood: 'flood',
  storm: 'storm',
  ev_surge: 'surge of charging',
  loss_of_element: 'loss of an element',
};

export const remedyWords: Readonly<Record<Remedy['remedy'], string>> = {
  do_nothing: 'nothing is done',
  reconfigure: 'open points are closed',
  dispatch: 'flexibility is dispatched',
  both: 'both',
};

export function eventWord(event: string): string {
  return eventWords[event] ?? event;
}

/** "3 critical, 12 high", or that nothing is at risk. */
export function countsWords(counts: Partial<Record<RiskLevel, number>>): string {
  const parts = levels
    .filter((level) => (counts[level] ?? 0) > 0)
    .map((level) => `${counts[level]} ${levelWords[level]}`);
  return parts.length === 0 ? 'no risk' : parts.join(', ');
}

export function runName(run: Run): string {
  return run.title || run.scenario_id || `${eventWord(run.event)}, ${run.place}`;
}

export function stateWords(run: Run): string {
  switch (run.state) {
    case 'waiting':
      return 'waits';
    case 'running':
      return `${Math.round(run.done * 100)} % of ${formatCount(run.assets, 'asset')}`;
    case 'done':
      return countsWords(run.risks);
    case 'cancelled':
      return 'stopped';
    case 'failed':
      return `failed: ${run.fault}`;
  }
}

export function isOver(run: Run): boolean {
  return run.state !== 'waiting' && run.state !== 'running';
}

/** "open_meteo for 48 h; climatology for 25 h (…)". */
export function weatherWords(sources: WeatherSource[]): string {
  return sources.map((one) => `${one.source} for ${one.hours} h${one.why ? ` (${one.why})` : ''}`).join('; ');
}

const text = (value: number | null | undefined) => (value === null || value === undefined ? '' : String(value));

export function draftOf(scenario: Scenario): Draft {
  const { levers } = scenario;
  return {
    scenarioId: scenario.id,
    place: scenario.place,
    event: scenario.event,
    start: scenario.start.replace('.000Z', 'Z'),
    hours: String(scenario.hours),
    temperatureMax: text(levers.temperature_max_c),
    temperatureMin: text(levers.temperature_min_c),
    rainTotal: text(levers.total_rainfall_mm),
    rainHour: text(levers.rainfall_max_mm_per_h),
    evUptake: text(levers.ev_uptake),
    derOutage: text(levers.der_outage_share),
    priceFactor: text(levers.price_factor),
    loadFactor: text(levers.load_factor),
    quantile: text(levers.quantile),
    lost: scenario.lost_elements.join(', '),
    seed: '1',
  };
}

/** The body of POST /api/v1/scenarios/runs. What is no number is left for the server to find fault with. */
export function bodyOf(draft: Draft, title: string): Record<string, unknown> {
  const number = (typed: string): number | string => {
    const value = Number(typed);
    return typed.trim() !== '' && Number.isFinite(value) ? value : typed;
  };
  const weather: Record<string, unknown> = {};
  const levers: Record<string, unknown> = {};
  const put = (into: Record<string, unknown>, name: string, typed: string) => {
    if (typed.trim() !== '') {
      into[name] = number(typed);
    }
  };
  put(weather, 'max_temp_celsius', draft.temperatureMax);
  put(weather, 'min_temp_celsius', draft.temperatureMin);
  put(weather, 'total_rainfall_mm', draft.rainTotal);
  put(weather, 'max_rainfall_per_hour_mm', draft.rainHour);
  put(levers, 'ev_uptake', draft.evUptake);
  put(levers, 'der_outage_share', draft.derOutage);
  put(levers, 'price_factor', draft.priceFactor);
  put(levers, 'load_factor', draft.loadFactor);
  put(levers, 'quantile', draft.quantile);
  const lost = draft.lost.split(/[\s,]+/).filter((id) => id !== '');
  return {
    scenario: {
      id: draft.scenarioId,
      title,
      location: draft.place,
      event_type: draft.event,
      start_date: draft.start,
      duration_hours: number(draft.hours),
      weather,
      levers,
      ...(lost.length > 0 ? { lost_elements: lost } : {}),
    },
    seed: number(draft.seed),
  };
}

/** The loading of one asset over time, beside that of another run when there is one. */
export function curveModel(curve: Curve, other: Curve | undefined): ChartModel {
  const timesOf = (one: Curve) => {
    const start = Date.parse(one.start);
    return one.load_kw.map((_, index) => start + index * one.period_minutes * 60_000);
  };
  const times = timesOf(curve);
  const from = times[0] ?? 0;
  const to = (times[times.length - 1] ?? 0) + curve.period_minutes * 60_000;
  // The other run is laid over this one from its begin: what differs is the question, not the calendar.
  const otherTimes = other ? times.slice(0, other.load_kw.length) : [];
  return {
    lines: [
      { key: 'load', label: 'load', style: 'measured', times, values: curve.load_kw },
      { key: 'rating', label: 'rating', style: 'limit', times, values: curve.rating_kw, stepped: true },
      ...(other
        ? [
            {
              key: 'other',
              label: 'other run',
              style: 'without' as const,
              times: otherTimes,
              values: other.load_kw.slice(0, otherTimes.length),
            },
          ]
        : []),
    ],
    bands: [{ key: 'band', label: '10 to 90 %', shade: 'outer', times, low: curve.low_kw, high: curve.high_kw }],
    windows: [],
    now: null,
    from,
    to,
  };
}

export function assetNames(result: RunResult | undefined): Map<string, Asset> {
  return new Map((result?.assets ?? []).map((asset) => [asset.id, asset]));
}

/** "38.0 °C at most, 22.0 °C at least, 35 mm of rain". */
export function eventWeatherWords(weather: RunResult['weather']): string {
  if (!weather || weather.temperature_c.length === 0) {
    return '';
  }
  const rain = weather.rain_mm.reduce((sum, mm) => sum + mm, 0);
  const words = `${formatNumber(Math.min(...weather.temperature_c), 1)} to ${formatNumber(Math.max(...weather.temperature_c), 1)} °C`;
  return rain >= 0.5 ? `${words}, ${formatNumber(rain)} mm of rain` : words;
}
