/** Feeders as the list and the map show them: what REST told once, with the live values written over it. */

import type { Feeder, FeedersMessage } from '@/lib/contract';
import { type Level, levelOf } from '@/lib/level';

export interface FeederRow {
  id: string;
  name: string;
  level: 'hv' | 'lv';
  parentId: string;
  lat: number | null;
  lon: number | null;
  phase: string;
  loadKw: number | null;
  limitKw: number | null;
  headroomKw: number | null;
  share: number | null;
  /** expected peak over limit at the alarm quantile, next 12 h */
  expectedShare: number | null;
  expectedAt: string | null;
  quantile: number | null;
  overKw: number | null;
  covered: 'none' | 'open' | 'covered';
  stale: boolean;
  now: Level;
  /** the worse of now and what is expected */
  ahead: Level;
  state: string;
  held: boolean;
  eventId: string | null;
}

export type Order = 'ahead' | 'now' | 'id';

const phases: Record<string, string> = { '1': 'L1', '2': 'L2', '3': 'L3', s: 'sum' };
const coverage = ['none', 'open', 'covered'] as const;

function coverOf(feeder: Feeder): FeederRow['covered'] {
  const { expected } = feeder;
  if (!expected || expected.over_kw <= 0) {
    return 'none';
  }
  return expected.covered_kw >= expected.over_kw ? 'covered' : 'open';
}

/** One row per feeder, in the order REST listed them. */
export function feederRows(feeders: Feeder[], layout: string[], live: FeedersMessage | null): FeederRow[] {
  const place = new Map(live ? layout.map((id, index) => [id, index]) : []);
  return feeders.map((feeder) => {
    const index = place.get(feeder.feeder_id);
    const told = live !== null && index !== undefined;
    const loadKw = told ? (live.load_kw[index] ?? null) : feeder.load_kw;
    const limitKw = told ? (live.limit_kw[index] ?? null) : feeder.limit_kw;
    const share = loadKw !== null && limitKw !== null && limitKw > 0 ? (limitKw - loadKw) / limitKw : null;
    const expected = feeder.expected;
    const expectedShare = told
      ? (live.expected_share[index] ?? null)
      : expected && expected.limit_kw > 0
        ? expected.peak_kw / expected.limit_kw
        : null;
    const now = levelOf(share);
    return {
      id: feeder.feeder_id,
      name: feeder.name,
      level: feeder.level,
      parentId: feeder.parent_id,
      lat: feeder.lat,
      lon: feeder.lon,
      phase: (told ? phases[live.phase[index] ?? ''] : undefined) ?? feeder.phase ?? '',
      loadKw,
      limitKw,
      headroomKw: loadKw !== null && limitKw !== null ? limitKw - loadKw : null,
      share,
      expectedShare,
      expectedAt: expected?.at ?? null,
      quantile: expected?.quantile ?? null,
      overKw: expected?.over_kw ?? null,
      covered: told ? (coverage[Number(live.covered[index])] ?? 'none') : coverOf(feeder),
      stale: told ? live.stale[index] === '1' : feeder.stale,
      now,
      ahead: aheadOf(share, expectedShare),
      state: feeder.state,
      held: feeder.held,
      eventId: feeder.event_id,
    };
  });
}

function aheadOf(share: number | null, expectedShare: number | null): Level {
  const shares = [share, expectedShare === null ? null : 1 - expectedShare].filter((one) => one !== null);
  return levelOf(shares.length > 0 ? Math.min(...shares) : null);
}

/** How tight a row is in an order; what is not known stands last. */
function tightness(row: FeederRow, order: Order): number {
  if (order === 'now') {
    return row.share ?? Number.POSITIVE_INFINITY;
  }
  const ahead = row.expectedShare === null ? Number.POSITIVE_INFINITY : 1 - row.expectedShare;
  return Math.min(row.share ?? Number.POSITIVE_INFINITY, ahead) - (row.covered === 'open' ? 10 : 0);
}

/** Rows that match a filter, tightest first; a need that nobody covers stands above all. */
export function sortRows(rows: FeederRow[], order: Order, filter: string): FeederRow[] {
  const words = filter.trim().toLowerCase();
  const shown = words
    ? rows.filter((row) => row.id.toLowerCase().includes(words) || row.name.toLowerCase().includes(words))
    : rows.slice();
  if (order === 'id') {
    return shown.sort((a, b) => (a.id < b.id ? -1 : 1));
  }
  return shown.sort((a, b) => tightness(a, order) - tightness(b, order) || (a.id < b.id ? -1 : 1));
}
