/** One feeder's phase as a chart: measured to now, what is expected after it, its limit, and the load without relief. */

import type { ChartBand, ChartLine, ChartModel } from '@/lib/chart_model';
import { type EventSummary, type Forecast, isOpen, type Outlook, type Series } from '@/lib/contract';
import { parseTime } from '@/lib/time';

export interface ChartInput {
  measured: Series | undefined;
  without: Series | undefined;
  forecast: Forecast | undefined;
  outlook?: Outlook | undefined;
  events: EventSummary[];
  phase: string;
  limitKw: number | null;
  now: number | null;
  from: number;
  to: number;
}

const bands = [
  { low: 0.05, high: 0.95, shade: 'outer' },
  { low: 0.25, high: 0.75, shade: 'inner' },
] as const;

export function seriesLine(series: Series | undefined, line: Omit<ChartLine, 'times' | 'values'>): ChartLine | null {
  const start = parseTime(series?.start);
  if (!series || start === null || series.values.length === 0) {
    return null;
  }
  return {
    ...line,
    times: series.values.map((_, index) => start + index * series.step_s * 1000),
    values: series.values,
  };
}

/** Half-hours from the middle of which on they lie ahead; the past of a forecast is not drawn over what was measured. */
function ahead(
  forecast: Pick<Forecast, 'start' | 'step_s' | 'load_kw'>,
  now: number | null,
): { times: number[]; rows: number[][] } {
  const start = parseTime(forecast.start) ?? 0;
  const all = forecast.load_kw.map((row, index) => ({ at: start + (index + 0.5) * forecast.step_s * 1000, row }));
  const kept = all.filter(({ at }) => now === null || at >= now);
  return { times: kept.map(({ at }) => at), rows: kept.map(({ row }) => row) };
}

function column(forecast: Pick<Forecast, 'quantiles'>, rows: number[][], quantile: number): (number | null)[] | null {
  const index = forecast.quantiles.findIndex((one) => Math.abs(one - quantile) < 1e-9);
  return index < 0 ? null : rows.map((row) => row[index] ?? null);
}

export function chartModel(input: ChartInput): ChartModel {
  const lines: ChartLine[] = [];
  let excess: ChartModel['excess'] = null;
  const fan: ChartBand[] = [];
  const { forecast } = input;
  if (forecast && forecast.load_kw.length > 0) {
    const { times, rows } = ahead(forecast, input.now);
    for (const band of bands) {
      const low = column(forecast, rows, band.low);
      const high = column(forecast, rows, band.high);
      if (low && high) {
        const label = `${band.low * 100}–${band.high * 100} %`;
        fan.push({ key: label, label, shade: band.shade, times, low, high });
      }
    }
    const high = column(forecast, rows, 0.9);
    if (high && input.limitKw !== null) {
      excess = { times, high, limit: input.limitKw };
    }
    const median = column(forecast, rows, 0.5);
    if (median) {
      lines.push({ key: 'median', label: 'expected', style: 'median', times, values: median });
    }
  }
  const { outlook } = input;
  if (outlook && outlook.load_kw.length > 0) {
    const { times, rows } = ahead(outlook, input.now);
    for (const band of bands) {
      const low = column(outlook, rows, band.low);
      const high = column(outlook, rows, band.high);
      if (low && high) {
        const label = `week ahead ${band.low * 100}–${band.high * 100} %`;
        fan.push({ key: label, label, shade: band.shade, times, low, high });
      }
    }
    const median = column(outlook, rows, 0.5);
    if (median) {
      lines.push({ key: 'outlook', label: 'week ahead', style: 'median', times, values: median });
    }
  }
  const without = seriesLine(input.without, { key: 'without', label: 'without relief', style: 'without' });
  const measured = seriesLine(input.measured, { key: 'measured', label: 'load', style: 'measured' });
  if (without) {
    lines.push(without);
  }
  if (input.limitKw !== null) {
    const values = [input.limitKw, input.limitKw];
    lines.push({ key: 'limit', label: 'limit', style: 'limit', times: [input.from, input.to], values });
  }
  if (measured) {
    lines.push(measured);
  }
  return {
    lines,
    bands: fan,
    windows: input.events
      .filter((event) => event.phase === input.phase)
      .map((event) => ({
        from: parseTime(event.start) ?? 0,
        to: parseTime(event.end) ?? 0,
        label: isOpen(event) ? event.state : event.outcome || event.state,
      })),
    excess,
    now: input.now,
    from: input.from,
    to: input.to,
  };
}
