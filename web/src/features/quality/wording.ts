/** How the page puts the quality of data into words. */

import type { Level } from '@/lib/level';
import { formatDuration, formatNumber, missing } from '@/lib/units';
import type { Balance, Coverage, Feed, FeedValue, SourceClock, SourceQuality } from './model';

export const kindWords: Record<string, string> = {
  stale: 'fell silent',
  missing_phase: 'phase missing',
  gap: 'gap',
  duplicate: 'duplicate',
  conflict: 'conflict',
  stuck: 'stands still',
  spike: 'spike',
  range: 'out of range',
  late: 'late',
  sign: 'sign',
  balance: 'busbar balance',
};

export const reasonWords: Record<string, string> = {
  unknown_point: 'unknown feeder or phase',
  not_finite: 'no number',
  out_of_range: 'absurd value',
  no_zone: 'time without a zone',
  bad_time: 'impossible time',
  future: 'in the future',
  too_late: 'too late',
  malformed: 'unreadable',
  bad_quality: 'marked unusable by its station',
};

export const protocolWords: Record<string, string> = { iec104: 'IEC 104' };

/** "10 min", "−45 s": a delay with its direction. */
export function formatDelay(seconds: number | null): string {
  if (seconds === null) {
    return missing;
  }
  return seconds < 0 ? `−${formatDuration(-seconds)}` : formatDuration(seconds);
}

/** "10 min (10 min … 11 min)"; nothing before there are enough readings to judge a clock by. */
export function delayText(clock: SourceClock): string {
  if (clock.verdict === 'unknown') {
    return missing;
  }
  return `${formatDelay(clock.median_s)} (${formatDelay(clock.p05_s)} … ${formatDelay(clock.p95_s)})`;
}

export function clockWord(clock: SourceClock): string {
  switch (clock.verdict) {
    case 'ahead':
      return `clock ${formatDuration(Math.abs(clock.median_s ?? 0))} ahead`;
    case 'behind':
      return `clock ${formatDuration(Math.abs(clock.median_s ?? 0))} behind`;
    case 'delayed':
      return 'delayed';
    case 'ok':
      return 'right';
    default:
      return 'not known yet';
  }
}

export function clockLevel(clock: SourceClock): Level {
  return clock.verdict === 'ahead' || clock.verdict === 'behind'
    ? 'tight'
    : clock.verdict === 'delayed'
      ? 'near'
      : clock.verdict === 'ok'
        ? 'normal'
        : 'unknown';
}

/** A door through which nothing usable came has not fallen silent: it never said anything. */
const neverUsed = (source: Pick<SourceQuality, 'state' | 'last_at'>) =>
  source.state === 'silent' && source.last_at === null;

export function sourceWord(source: Pick<SourceQuality, 'state' | 'last_at'>): string {
  return neverUsed(source) ? 'nothing usable yet' : source.state;
}

export function sourceLevel(source: Pick<SourceQuality, 'state' | 'last_at'>): Level {
  return neverUsed(source) ? 'unknown' : source.state === 'ok' ? 'normal' : source.state === 'stale' ? 'near' : 'tight';
}

/** "marked unusable by its station 3, unknown feeder or phase 12": the larger first. */
export function quarantineText(quarantined: Record<string, number>): string {
  return Object.entries(quarantined)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${reasonWords[reason] ?? reason} ${count}`)
    .join(', ');
}

export function balanceWord(balance: Balance): string {
  if (balance.state === 'incomplete') {
    return balance.missing ? `incomplete: no reading of ${balance.missing}` : 'incomplete';
  }
  return balance.state === 'off' ? 'does not add up' : 'adds up';
}

export function balanceLevel(balance: Balance): Level {
  return balance.state === 'off' ? 'tight' : balance.state === 'ok' ? 'normal' : 'unknown';
}

/** Share of feeders with fresh readings; null before the first look at all of them. */
export function freshShare(coverage: Coverage): number | null {
  return coverage.as_of === null || coverage.feeders === 0 ? null : coverage.fresh / coverage.feeders;
}

export const feedWords: Record<Feed['state'], string> = {
  ok: 'answers',
  old: 'old answer stands in',
  down: 'does not answer',
  waiting: 'not answered yet',
  off: 'off',
};

export function feedLevel(state: Feed['state']): Level {
  return state === 'ok' ? 'normal' : state === 'old' || state === 'down' ? 'tight' : 'unknown';
}

const units: [string, string, number][] = [
  ['_g_per_kwh', 'g/kWh', 0],
  ['_gbp_per_mwh', '£/MWh', 2],
  ['_w_per_m2', 'W/m²', 0],
  ['_m_per_s', 'm/s', 1],
  ['_mw', 'MW', 0],
  ['_c', '°C', 1],
];

/** "carbon_g_per_kwh" is "carbon" in g/kWh. */
export function valueText({ name, value }: Pick<FeedValue, 'name' | 'value'>): { name: string; value: string } {
  const unit = units.find(([ending]) => name.endsWith(ending));
  const bare = unit ? name.slice(0, -unit[0].length) : name;
  return {
    name: bare.replaceAll('_', ' '),
    value: unit ? `${formatNumber(value, unit[2])} ${unit[1]}` : formatNumber(value, 1),
  };
}
