import type { Level } from '@/lib/level';
import { formatNumber, formatPower, missing } from '@/lib/units';
import type { Contingency, Cover, ShelfOrder, ShelfUse, Switching } from './model';

export const coverWords: Readonly<Record<Cover, string>> = {
  covered: 'covered',
  partly: 'partly',
  uncovered: 'uncovered',
  none: 'no plan',
};

export const coverLevels: Readonly<Record<Cover, Level>> = {
  covered: 'normal',
  partly: 'near',
  uncovered: 'over',
  none: 'unknown',
};

const modeWords: Readonly<Record<Contingency['mode'], string>> = {
  act: 'by itself',
  propose: 'a person decides',
  shadow: 'nothing is sent',
};

export function modeOf(mode: Contingency['mode']): string {
  return modeWords[mode];
}

/** "at once", "after 45 min". */
export function minutesWords(minutes: number | null): string {
  if (minutes === null) {
    return missing;
  }
  return minutes === 0 ? 'at once' : `after ${minutes} min`;
}

export function switchingWords(one: Switching): string {
  const how = one.is_remote ? 'by remote control' : 'by hand';
  const wait = one.waits_for_orders ? ', once the orders have responded' : '';
  return `${how}, ${minutesWords(one.close_after_minutes)}${wait}`;
}

export function orderWords(one: ShelfOrder): string {
  const how = one.event_id === null ? 'to be bought' : 'armed: fired';
  const held = one.guard === 'pass' ? '' : `; the guard would hold it back: ${one.guard_reason}`;
  return `${formatPower(one.peak_kw)} ${minutesWords(one.from_minutes)}, ${how}, ${formatNumber(one.ders_count)} DERs${held}`;
}

const pathwayNames: Readonly<Record<string, string>> = {
  as_forecast: 'As forecast',
  cautious: 'Cautious',
  wait: 'Wait for repair',
};

export function pathwayName(name: string): string {
  return pathwayNames[name] ?? name;
}

export function usedWords(used: ShelfUse): string {
  const first =
    used.first_command_ms === null
      ? ''
      : ` First command ${formatNumber(used.first_command_ms, 1)} ms after detection.`;
  return `${used.detail}.${first}`;
}

/** How many of a list are of each cover, the worst first. */
export function countCovers(list: readonly Contingency[]): [Cover, number][] {
  const order: Cover[] = ['uncovered', 'partly', 'covered', 'none'];
  return order.map((cover) => [cover, list.filter((one) => one.cover === cover).length]);
}
