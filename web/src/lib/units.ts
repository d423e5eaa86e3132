/** Every number on a screen passes here. Import to load is positive; a missing number is a dash, never a zero. */

export const missing = '–';

export type Maybe<T> = T | null | undefined;

function isNumber(value: Maybe<number>): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Fixed decimals, no grouping: columns line up. `-0.0` is written without its sign. */
export function formatNumber(value: Maybe<number>, digits = 0): string {
  if (!isNumber(value)) {
    return missing;
  }
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

/** `840 kW`, `84.3 kW`, `-1.25 MW`: three significant figures where it matters to an operator. */
export function formatPower(kw: Maybe<number>): string {
  if (!isNumber(kw)) {
    return missing;
  }
  const size = Math.abs(kw);
  if (size >= 999.5) {
    return `${formatNumber(kw / 1000, size >= 99_950 ? 0 : size >= 9_995 ? 1 : 2)} MW`;
  }
  return `${formatNumber(kw, size >= 99.95 ? 0 : 1)} kW`;
}

/** The number of `formatPower` in megawatts, for a column or a header whose unit is fixed. */
export function formatMegawatts(kw: Maybe<number>, digits = 2): string {
  return isNumber(kw) ? `${formatNumber(kw / 1000, digits)} MW` : missing;
}

/** MW a minute with its sign: `+0.00032`, `+0.0041`, `-0.250`; the unit stands beside the row. */
export function formatRamp(mwPerMin: Maybe<number>): string {
  const size = Math.abs(mwPerMin ?? 0);
  const text = formatNumber(mwPerMin, size < 0.001 ? 5 : size < 0.1 ? 4 : 3);
  return Number(text) > 0 ? `+${text}` : text;
}

/** `12.5 kWh`, `1.20 MWh`. */
export function formatEnergy(kwh: Maybe<number>): string {
  if (!isNumber(kwh)) {
    return missing;
  }
  const size = Math.abs(kwh);
  return size >= 999.5 ? `${formatNumber(kwh / 1000, 2)} MWh` : `${formatNumber(kwh, size >= 99.95 ? 0 : 1)} kWh`;
}

/**
 * `£1,234.50`. Takes the decimal string of a ledger as it is (never through a binary float) or a number of an
 * estimate.
 */
export function formatMoney(gbp: Maybe<number | string>): string {
  if (gbp === null || gbp === undefined || gbp === '') {
    return missing;
  }
  const text = typeof gbp === 'string' ? gbp : isNumber(gbp) ? gbp.toFixed(2) : '';
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!parts) {
    return missing;
  }
  const [, sign, whole = '0', fraction = ''] = parts;
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${sign}£${grouped}.${fraction.padEnd(2, '0')}`;
}

/** A share of one as a percentage: 0.083 is `8 %`. */
export function formatShare(share: Maybe<number>, digits = 0): string {
  return isNumber(share) ? `${formatNumber(share * 100, digits)} %` : missing;
}

/** How long, coarse: `4 s`, `14 min`, `3 h`, `2 d`. */
export function formatDuration(seconds: Maybe<number>): string {
  if (!isNumber(seconds)) {
    return missing;
  }
  const size = Math.max(0, seconds);
  if (size < 100) {
    return `${Math.round(size)} s`;
  }
  if (size < 100 * 60) {
    return `${Math.round(size / 60)} min`;
  }
  return size < 48 * 3600 ? `${Math.round(size / 3600)} h` : `${Math.round(size / 86_400)} d`;
}

/** A latency measured by a clock of the machine: `0.42 ms`, `12.3 ms`, `1.24 s`. */
export function formatLatency(ms: Maybe<number>): string {
  if (!isNumber(ms)) {
    return missing;
  }
  if (ms >= 1000) {
    return `${formatNumber(ms / 1000, 2)} s`;
  }
  return `${formatNumber(ms, ms < 10 ? 2 : ms < 100 ? 1 : 0)} ms`;
}

/** `1 feeder`, `3 feeders`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
