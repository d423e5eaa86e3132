/** What is looked at lives in the URL, so that a link is a bookmark and a handover. */

import { useCallback } from 'react';
import { useSearchParams } from 'wouter';

export interface Selection {
  feeder: string | null;
  /** `L1`, `L2`, `L3`, `sum`, or null for the tightest */
  phase: string | null;
  /** absolute range of the chart in milliseconds; null: around now */
  from: number | null;
  to: number | null;
}

export function readSelection(search: URLSearchParams): Selection {
  const instant = (name: string) => {
    const at = Date.parse(search.get(name) ?? '');
    return Number.isNaN(at) ? null : at;
  };
  return { feeder: search.get('feeder'), phase: search.get('phase'), from: instant('from'), to: instant('to') };
}

/** `search` with `change` written into it; null takes a parameter out. */
export function writeSelection(search: URLSearchParams, change: Partial<Selection>): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(change)) {
    if (value === null || value === undefined) {
      next.delete(name);
    } else {
      next.set(name, typeof value === 'number' ? new Date(value).toISOString() : value);
    }
  }
  return next;
}

/** The selection of the present URL, and how to change it without leaving the page. */
export function useSelection(): [Selection, (change: Partial<Selection>) => void] {
  const [search, setSearch] = useSearchParams();
  const change = useCallback(
    (to: Partial<Selection>) => setSearch((now) => writeSelection(now, to), { replace: true }),
    [setSearch],
  );
  return [readSelection(search), change];
}
