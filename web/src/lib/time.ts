/** Instants are milliseconds since 1970 in UTC; a zone appears only where one is written for a person. */

import { type Maybe, missing } from './units';

export type Zone = 'utc' | 'local';

/** The zone of Great Britain's settlement day, whatever the browser's own zone is. */
export const localZone = 'Europe/London';
export const periodMs = 30 * 60 * 1000;

const parts: Intl.DateTimeFormatOptions = {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
};
const readers = {
  utc: new Intl.DateTimeFormat('en-GB', { ...parts, timeZone: 'UTC', weekday: 'short' }),
  local: new Intl.DateTimeFormat('en-GB', { ...parts, timeZone: localZone, weekday: 'short', timeZoneName: 'short' }),
};

export interface WallParts {
  weekday: string;
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** `UTC`, `GMT` or `BST` */
  zone: string;
}

/** The calendar and clock of `at` in a zone. */
export function wallParts(at: number, zone: Zone): WallParts {
  const read: Record<string, string> = {};
  for (const part of readers[zone].formatToParts(at)) {
    read[part.type] = part.value;
  }
  const number = (name: string) => Number(read[name]);
  return {
    weekday: read.weekday ?? '',
    year: number('year'),
    month: number('month'),
    day: number('day'),
    hour: number('hour'),
    minute: number('minute'),
    second: number('second'),
    zone: zone === 'utc' ? 'UTC' : (read.timeZoneName ?? ''),
  };
}

/** Milliseconds of an RFC 3339 instant; null when there is none or it does not read. */
export function parseTime(text: Maybe<string>): number | null {
  if (!text) {
    return null;
  }
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

const two = (value: number) => String(value).padStart(2, '0');

/** `17:05`, or `17:05:09` with seconds. */
export function formatClock(at: Maybe<number>, zone: Zone = 'local', seconds = false): string {
  if (at === null || at === undefined || !Number.isFinite(at)) {
    return missing;
  }
  const wall = wallParts(at, zone);
  return `${two(wall.hour)}:${two(wall.minute)}${seconds ? `:${two(wall.second)}` : ''}`;
}

/** `17:05:09.123`: for latencies and audit entries. */
export function formatClockMs(at: Maybe<number>, zone: Zone = 'local'): string {
  if (at === null || at === undefined || !Number.isFinite(at)) {
    return missing;
  }
  return `${formatClock(at, zone, true)}.${String(Math.floor(at) % 1000).padStart(3, '0')}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Thu 14 Jan 2027`. */
export function formatDate(at: Maybe<number>, zone: Zone = 'local'): string {
  if (at === null || at === undefined || !Number.isFinite(at)) {
    return missing;
  }
  const wall = wallParts(at, zone);
  return `${wall.weekday} ${wall.day} ${months[wall.month - 1]} ${wall.year}`;
}

/** `Thu 14 Jan 17:05`: day and clock without the year, for tables. */
export function formatDayClock(at: Maybe<number>, zone: Zone = 'local'): string {
  if (at === null || at === undefined || !Number.isFinite(at)) {
    return missing;
  }
  const wall = wallParts(at, zone);
  return `${wall.weekday} ${wall.day} ${months[wall.month - 1]} ${two(wall.hour)}:${two(wall.minute)}`;
}

/** Marks of a time axis: `17:00`, or `Thu 14` where they stand a day or more apart. */
export function formatMarks(marks: readonly number[], zone: Zone = 'local'): string[] {
  const step = (marks[1] ?? 0) - (marks[0] ?? 0);
  if (marks.length < 2 || step < 24 * 3_600_000) {
    return marks.map((at) => formatClock(at, zone));
  }
  return marks.map((at) => {
    const wall = wallParts(at, zone);
    return `${wall.weekday} ${wall.day}`;
  });
}

/** `17:00–18:30`. */
export function formatWindow(start: Maybe<number>, end: Maybe<number>, zone: Zone = 'local'): string {
  return `${formatClock(start, zone)}–${formatClock(end, zone)}`;
}

/** The same; with its day, `Thu 14 Jan 17:00–18:30`, where it lies days behind the detection of what it is about. */
export function formatWindowAhead(
  start: Maybe<number>,
  end: Maybe<number>,
  detected: Maybe<number>,
  zone: Zone = 'local',
): string {
  const isAhead = typeof start === 'number' && typeof detected === 'number' && start - detected > 24 * 3_600_000;
  return isAhead ? `${formatDayClock(start, zone)}–${formatClock(end, zone)}` : formatWindow(start, end, zone);
}

/** `UTC`, `GMT` or `BST` at that instant. */
export function zoneName(at: number, zone: Zone): string {
  return wallParts(at, zone).zone;
}

/** What local clocks are ahead of UTC at `at`, in milliseconds. */
function localOffset(at: number): number {
  const wall = wallParts(at, 'local');
  const asUtc = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second);
  return asUtc - Math.floor(at / 1000) * 1000;
}

/** The instant at which the local day `year-month-day` begins. */
function localMidnight(year: number, month: number, day: number): number {
  const guess = Date.UTC(year, month - 1, day);
  return guess - localOffset(guess - localOffset(guess));
}

export interface SettlementPeriod {
  /** the local day, `2027-01-14` */
  date: string;
  /** 1…48; 46 and 50 on the days of the clock changes */
  number: number;
  /** start of the period */
  start: number;
}

/** The half-hour of the settlement day that `at` lies in. */
export function settlementPeriod(at: number): SettlementPeriod {
  const wall = wallParts(at, 'local');
  const midnight = localMidnight(wall.year, wall.month, wall.day);
  const index = Math.floor((at - midnight) / periodMs);
  return {
    date: `${wall.year}-${two(wall.month)}-${two(wall.day)}`,
    number: index + 1,
    start: midnight + index * periodMs,
  };
}

/** How many settlement periods the local day has: 46, 48 or 50. */
export function periodsOfDay(date: string): number {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  return (localMidnight(year, month, day + 1) - localMidnight(year, month, day)) / periodMs;
}

/** `SP 34`. */
export function formatPeriod(at: Maybe<number>): string {
  return at === null || at === undefined || !Number.isFinite(at) ? missing : `SP ${settlementPeriod(at).number}`;
}
