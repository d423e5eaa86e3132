/** Delivery summed per half-hour over all devices. */

import { parseTime } from '@/lib/time';
import type { Delivery } from './model';

export interface PeriodRow {
  start: number;
  baseline_kwh: number;
  metered_kwh: number;
  delivered_kwh: number;
  instructed_kwh: number;
}

export function periodRows(delivery: Delivery[]): PeriodRow[] {
  const periods = new Map<number, PeriodRow>();
  for (const row of delivery.flatMap((one) => one.rows)) {
    const start = parseTime(row.start) ?? 0;
    const sum = periods.get(start) ?? { start, baseline_kwh: 0, metered_kwh: 0, delivered_kwh: 0, instructed_kwh: 0 };
    sum.baseline_kwh += row.baseline_kwh;
    sum.metered_kwh += row.metered_kwh;
    sum.delivered_kwh += row.delivered_kwh;
    sum.instructed_kwh += row.instructed_kwh;
    periods.set(start, sum);
  }
  return [...periods.values()].sort((a, b) => a.start - b.start);
}
