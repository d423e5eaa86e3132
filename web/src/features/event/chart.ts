/** Geometry of the event's chart: what to draw where, without drawing it. */

import { parseTime } from '@/lib/time';
import { type EventDetail, isOver, type Series } from './model';

export interface Scale {
  from: number;
  to: number;
  /** pixels at `from` and at `to` */
  a: number;
  b: number;
}

export function place(scale: Scale, value: number): number {
  return scale.a + ((value - scale.from) / (scale.to - scale.from)) * (scale.b - scale.a);
}

const hour = 3_600_000;
const halfHour = hour / 2;

/** What the chart covers: the window with two hours before it and one after, on whole half-hours. */
export function chartRange(event: Pick<EventDetail, 'start' | 'end'>): { from: number; to: number } {
  const start = parseTime(event.start) ?? 0;
  const end = parseTime(event.end) ?? start + halfHour;
  return {
    from: Math.floor((start - 2 * hour) / halfHour) * halfHour,
    to: Math.ceil((end + hour) / halfHour) * halfHour,
  };
}

/** Whole round steps, at most `count` of them, that cover `from` to `to`. */
export function ticks(from: number, to: number, count: number): number[] {
  const raw = (to - from) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= raw) ?? raw;
  const out: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to + step * 1e-9; at += step) {
    out.push(Number(at.toPrecision(12)));
  }
  return out;
}

export interface Point {
  at: number;
  kw: number | null;
}

export function points(series: Series | null | undefined): Point[] {
  const start = parseTime(series?.start);
  if (!series || start === null) {
    return [];
  }
  return series.values.map((kw, index) => ({ at: start + index * series.step_s * 1000, kw }));
}

/** `M…L…` with a gap where a value is not known. */
export function linePath(line: Point[], x: Scale, y: Scale): string {
  let out = '';
  let pen = false;
  for (const point of line) {
    if (point.kw === null) {
      pen = false;
      continue;
    }
    out += `${pen ? 'L' : 'M'}${place(x, point.at).toFixed(1)} ${place(y, point.kw).toFixed(1)}`;
    pen = true;
  }
  return out;
}

/** Half-hourly means as steps. */
export function stepPath(starts: number[], values: number[], stepMs: number, x: Scale, y: Scale): string {
  return values
    .map((value, index) => {
      const at = starts[index] ?? 0;
      const height = place(y, value).toFixed(1);
      return `${index === 0 ? 'M' : 'L'}${place(x, at).toFixed(1)} ${height}L${place(x, at + stepMs).toFixed(1)} ${height}`;
    })
    .join('');
}

/** A closed band between two rows of half-hourly values. */
export function bandPath(starts: number[], low: number[], high: number[], stepMs: number, x: Scale, y: Scale): string {
  if (low.length === 0) {
    return '';
  }
  const up = stepPath(starts, high, stepMs, x, y);
  const backStarts = [...starts].reverse();
  const back = [...low]
    .reverse()
    .map((value, index) => {
      const at = backStarts[index] ?? 0;
      const height = place(y, value).toFixed(1);
      return `L${place(x, at + stepMs).toFixed(1)} ${height}L${place(x, at).toFixed(1)} ${height}`;
    })
    .join('');
  return `${up}${back}Z`;
}

export interface Fan {
  starts: number[];
  stepMs: number;
  /** widest first */
  bands: { low: number[]; high: number[]; name: string }[];
  /** at the quantile that alarms are raised at */
  alarm: number[];
  alarmName: string;
  median: number[];
}

/** The forecast as it was when the event was raised, cut to the chart's range; null where only readings were judged. */
export function fanOf(event: Pick<EventDetail, 'forecast'>, range: { from: number; to: number }): Fan | null {
  const { forecast } = event;
  const start = parseTime(forecast.start);
  if (start === null || forecast.load_kw.length === 0) {
    return null;
  }
  const stepMs = forecast.step_s * 1000;
  const rows = forecast.load_kw
    .map((row, index) => ({ at: start + index * stepMs, row }))
    .filter(({ at }) => at + stepMs > range.from && at < range.to);
  const column = (index: number) => rows.map(({ row }) => row[index] ?? Number.NaN);
  const nearest = (wanted: number) =>
    forecast.quantiles.reduce(
      (best, one, index) =>
        Math.abs(one - wanted) < Math.abs((forecast.quantiles[best] ?? 9) - wanted) ? index : best,
      0,
    );
  const bands = [];
  for (let low = 0, high = forecast.quantiles.length - 1; low < high; low += 1, high -= 1) {
    const name = `${percent(forecast.quantiles[low])}–${percent(forecast.quantiles[high])}`;
    bands.push({ low: column(low), high: column(high), name });
  }
  const alarm = nearest(forecast.alarm_quantile);
  return {
    starts: rows.map(({ at }) => at),
    stepMs,
    bands,
    alarm: column(alarm),
    alarmName: percent(forecast.quantiles[alarm]),
    median: column(nearest(0.5)),
  };
}

function percent(quantile: number | undefined): string {
  return `P${Math.round((quantile ?? 0) * 100)}`;
}

export interface Mark {
  at: number;
  name: string;
  /** a second code besides place */
  shape: 'raised' | 'fired' | 'released';
}

/** Detected, fired and released, in domain time, as far as they have happened and lie in the range. */
export function marksOf(
  event: Pick<EventDetail, 'clock' | 'end' | 'state' | 'instructions'>,
  range: { from: number; to: number },
): Mark[] {
  const moment = (name: string) => parseTime(event.clock.find((one) => one.name === name)?.at);
  const marks: Mark[] = [];
  const add = (at: number | null, name: string, shape: Mark['shape']) => {
    if (at !== null && at >= range.from && at <= range.to) {
      marks.push({ at, name, shape });
    }
  };
  add(moment('detected'), 'detected', 'raised');
  add(moment('fired') ?? moment('sent_first'), 'fired', 'fired');
  const wasTold = event.instructions.some((one) => one.kind !== 'release');
  if (isOver(event.state) && wasTold) {
    const releases = event.instructions.filter((one) => one.kind === 'release').map((one) => parseTime(one.start) ?? 0);
    const released = Math.max(0, ...releases);
    add(released > 0 ? released : parseTime(event.end), 'released', 'released');
  }
  return marks;
}

/** From zero or a round number below the lowest to a round number above the highest. */
export function powerRange(values: (number | null)[]): { from: number; to: number } {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value));
  if (known.length === 0) {
    return { from: 0, to: 1 };
  }
  const low = Math.min(...known);
  const high = Math.max(...known);
  const span = Math.max(high - low, Math.abs(high) * 0.05, 1);
  const from = low >= 0 && low < span * 0.6 ? 0 : low - span * 0.08;
  return { from, to: high + span * 0.14 };
}

export interface TableRow {
  at: number;
  measured: number | null;
  without: number | null;
  alarm: number | null;
}

/** The chart as half-hourly means: its twin as a table. */
export function chartTable(
  measured: Point[],
  without: Point[],
  fan: Fan | null,
  range: { from: number; to: number },
): TableRow[] {
  const mean = (line: Point[], from: number) => {
    const known = line.filter((one) => one.at >= from && one.at < from + halfHour && one.kw !== null);
    return known.length === 0 ? null : known.reduce((sum, one) => sum + (one.kw ?? 0), 0) / known.length;
  };
  const rows: TableRow[] = [];
  for (let at = range.from; at < range.to; at += halfHour) {
    const index = fan ? fan.starts.indexOf(at) : -1;
    rows.push({
      at,
      measured: mean(measured, at),
      without: mean(without, at),
      alarm: index < 0 ? null : (fan?.alarm[index] ?? null),
    });
  }
  return rows;
}
