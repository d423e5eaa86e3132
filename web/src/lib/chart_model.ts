/** What a time chart shows, before anything is drawn. Times are milliseconds, loads kilowatts. */

export type LineStyle = 'measured' | 'limit' | 'without' | 'median' | 'baseline' | 'instructed';

export interface ChartLine {
  key: string;
  label: string;
  style: LineStyle;
  times: number[];
  values: (number | null)[];
  /** holds each value until the next: settlement periods */
  stepped?: boolean;
}

export interface ChartBand {
  key: string;
  label: string;
  shade: 'outer' | 'inner';
  times: number[];
  low: (number | null)[];
  high: (number | null)[];
}

/** A stretch of time that means something: an event's window. */
export interface ChartWindow {
  from: number;
  to: number;
  label: string;
}

export interface ChartModel {
  lines: ChartLine[];
  bands: ChartBand[];
  windows: ChartWindow[];
  /** how far the high end of what is expected lies over a limit: drawn as the alarm it may become */
  excess?: { times: number[]; high: (number | null)[]; limit: number } | null;
  now: number | null;
  /** drawn range; both ends always shown */
  from: number;
  to: number;
}

/** Columns on one time axis: `undefined` where a line has no sample of that time, null where it has a gap. */
export function align(tables: { times: number[]; values: (number | null)[] }[]): {
  times: number[];
  columns: (number | null | undefined)[][];
} {
  const times = [...new Set(tables.flatMap((table) => table.times))].sort((a, b) => a - b);
  const place = new Map(times.map((time, index) => [time, index]));
  const columns = tables.map((table) => {
    const column: (number | null | undefined)[] = new Array(times.length).fill(undefined);
    table.times.forEach((time, index) => {
      column[place.get(time) ?? 0] = table.values[index] ?? null;
    });
    return column;
  });
  return { times, columns };
}

/** From zero (or the lowest export) to a little above the highest value. */
export function loadRange(model: ChartModel): [number, number] {
  let low = 0;
  let high = 1;
  const see = (values: (number | null)[]) => {
    for (const value of values) {
      if (value !== null && Number.isFinite(value)) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
  };
  model.lines.forEach((line) => {
    see(line.values);
  });
  model.bands.forEach((band) => {
    see(band.low);
    see(band.high);
  });
  return [low < 0 ? low * 1.05 : 0, high * 1.08];
}
