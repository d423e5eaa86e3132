/** The load before and after, as a chart and as a table. */

import type { ChartModel } from '@/lib/chart_model';
import { parseTime } from '@/lib/time';
import type { Fan, PlanSummary, WholePlan } from './model';

/** Places of the outer and the judged quantile: the widest pair, and the one nearest to nine in ten. */
export function quantilePlaces(quantiles: number[]): { low: number; high: number; judged: number } {
  const judged = quantiles.reduce(
    (best, one, index) => (Math.abs(one - 0.9) < Math.abs((quantiles[best] ?? 9) - 0.9) ? index : best),
    0,
  );
  return { low: 0, high: quantiles.length - 1, judged };
}

export const quantileName = (quantile: number | undefined) => `P${Math.round((quantile ?? 0) * 100)}`;

export interface FanRow {
  at: number;
  withoutLow: number;
  withoutJudged: number;
  withoutHigh: number;
  withLow: number;
  withJudged: number;
  withHigh: number;
}

export function fanRows(fan: Fan): FanRow[] {
  const start = parseTime(fan.start) ?? 0;
  const { low, high, judged } = quantilePlaces(fan.quantiles);
  return fan.without_kw.map((row, index) => {
    const after = fan.with_kw[index] ?? [];
    const kw = (values: number[], place: number) => values[place] ?? Number.NaN;
    return {
      at: start + index * fan.step_s * 1000,
      withoutLow: kw(row, low),
      withoutJudged: kw(row, judged),
      withoutHigh: kw(row, high),
      withLow: kw(after, low),
      withJudged: kw(after, judged),
      withHigh: kw(after, high),
    };
  });
}

/** Half-hour means, each drawn in the middle of its half-hour. */
export function fanModel(fan: Fan, plan: Pick<PlanSummary, 'start' | 'end'>): ChartModel {
  const rows = fanRows(fan);
  const step = fan.step_s * 1000;
  const from = rows[0]?.at ?? 0;
  const to = (rows.at(-1)?.at ?? 0) + step;
  const times = rows.map((row) => row.at + step / 2);
  const { low, high, judged } = quantilePlaces(fan.quantiles);
  const name = `${quantileName(fan.quantiles[low])}–${quantileName(fan.quantiles[high])}`;
  const at = quantileName(fan.quantiles[judged]);
  return {
    bands: [
      {
        key: 'without',
        label: `${name} without`,
        shade: 'outer',
        times,
        low: rows.map((row) => row.withoutLow),
        high: rows.map((row) => row.withoutHigh),
      },
      {
        key: 'with',
        label: `${name} with`,
        shade: 'inner',
        times,
        low: rows.map((row) => row.withLow),
        high: rows.map((row) => row.withHigh),
      },
    ],
    lines: [
      { key: 'before', label: `${at} without`, style: 'without', times, values: rows.map((row) => row.withoutJudged) },
      { key: 'after', label: `${at} with`, style: 'measured', times, values: rows.map((row) => row.withJudged) },
      { key: 'limit', label: 'limit', style: 'limit', times: [from, to], values: [fan.limit_kw, fan.limit_kw] },
    ],
    windows: [{ from: parseTime(plan.start) ?? from, to: parseTime(plan.end) ?? to, label: 'plan' }],
    now: null,
    from,
    to,
  };
}

export interface CoverRow {
  at: number;
  need: number;
  relief: number;
  open: number;
}

/** Where there is no forecast: what is needed and what is planned. */
export function coverRows(plan: Pick<WholePlan, 'need' | 'relief' | 'shortfall'>): CoverRow[] {
  return plan.need.map((slot, index) => ({
    at: parseTime(slot.start) ?? 0,
    need: slot.kw,
    relief: plan.relief[index]?.kw ?? 0,
    open: plan.shortfall[index]?.kw ?? 0,
  }));
}

export function coverModel(plan: Pick<WholePlan, 'need' | 'relief' | 'shortfall' | 'start' | 'end'>): ChartModel {
  const rows = coverRows(plan);
  const from = parseTime(plan.start) ?? 0;
  const to = parseTime(plan.end) ?? from;
  // A stepped line holds its value until the next: the end of the window closes the last slot.
  const times = [...rows.map((row) => row.at), to];
  const held = (values: number[]) => [...values, values.at(-1) ?? 0];
  return {
    bands: [],
    lines: [
      { key: 'need', label: 'need', style: 'limit', times, values: held(rows.map((row) => row.need)), stepped: true },
      {
        key: 'relief',
        label: 'planned relief',
        style: 'instructed',
        times,
        values: held(rows.map((row) => row.relief)),
        stepped: true,
      },
    ],
    windows: [],
    now: null,
    from,
    to,
  };
}
