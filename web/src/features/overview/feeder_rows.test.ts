import { describe, expect, it } from 'vitest';
import type { Feeder, FeedersMessage } from '@/lib/contract';
import { feederRows, sortRows } from './feeder_rows';

const feeder = (id: string, load: number | null, peak: number | null): Feeder => ({
  feeder_id: id,
  name: `Road ${id}`,
  kind: 'domestic',
  level: 'lv',
  parent_id: 'S-1',
  primary_id: 'P-1',
  lat: 52,
  lon: 0,
  rating_kw: 300,
  phase: 'L1',
  load_kw: load,
  limit_kw: 100,
  headroom_kw: load === null ? null : 100 - load,
  headroom_share: load === null ? null : (100 - load) / 100,
  at: null,
  age_s: null,
  source: 'meter',
  quality: 'measured',
  stale: false,
  state: 'normal',
  held: false,
  expected:
    peak === null
      ? null
      : {
          quantile: 0.9,
          peak_kw: peak,
          limit_kw: 100,
          phase: 'L1',
          at: '',
          over_kw: Math.max(0, peak - 100),
          covered_kw: 0,
        },
  event_id: null,
});

describe('feederRows', () => {
  it('writes live values over what REST told, by the layout and not by position', () => {
    const live: FeedersMessage = {
      topic: 'feeders',
      version: 1,
      at: '',
      load_kw: [20, 95],
      limit_kw: [100, 100],
      phase: 's3',
      stale: '10',
      expected_share: [0.2, 1.1],
      covered: '02',
    };
    const rows = feederRows([feeder('F-1', 50, 50), feeder('F-2', 50, 50)], ['F-2', 'F-1'], live);
    expect(rows[0]).toMatchObject({
      id: 'F-1',
      loadKw: 95,
      phase: 'L3',
      now: 'tight',
      ahead: 'over',
      covered: 'covered',
    });
    expect(rows[1]).toMatchObject({ id: 'F-2', loadKw: 20, phase: 'sum', stale: true, now: 'normal' });
  });

  it('keeps unknown unknown: a feeder without a reading is not one with headroom', () => {
    const [row] = feederRows([feeder('F-1', null, null)], [], null);
    expect(row).toMatchObject({ loadKw: null, share: null, now: 'unknown', ahead: 'unknown' });
  });
});

describe('sortRows', () => {
  const rows = feederRows(
    [feeder('F-1', 92, 92), feeder('F-2', 10, 101), feeder('F-3', null, null), feeder('F-4', 30, 40)],
    [],
    null,
  );
  const ids = (order: 'ahead' | 'now' | 'id', filter = '') => sortRows(rows, order, filter).map((row) => row.id);

  it('puts an uncovered need ahead of what is tight now, and the unknown last', () => {
    expect(ids('ahead')).toEqual(['F-2', 'F-1', 'F-4', 'F-3']);
    expect(ids('now')).toEqual(['F-1', 'F-4', 'F-2', 'F-3']);
  });

  it('filters by id and name', () => {
    expect(ids('id', 'road f-4')).toEqual(['F-4']);
  });
});
