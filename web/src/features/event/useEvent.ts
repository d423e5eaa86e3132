/** The event's answers, read again when its log moves on. */

import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { getJson, type Problem } from '@/lib/api';
import { onLogEntry } from '@/lib/live_store';
import { chartRange } from './chart';
import { type EventDetail, isOver, type Series } from './model';

/** One overload brings dozens of entries in a few milliseconds: they are one reason to read again. */
const gatherMs = 250;
/** Minutes of load arrive without an entry of the event. */
const seriesEveryMs = 2000;

export function useEventDetail(id: string): UseQueryResult<EventDetail, Problem> {
  const client = useQueryClient();
  useEffect(() => {
    let timer: number | null = null;
    const readAgain = () => {
      timer = null;
      void client.invalidateQueries({ queryKey: ['event', id] });
    };
    const stop = onLogEntry((entry) => {
      if ((entry === null || entry.data.event_id === id) && timer === null) {
        timer = window.setTimeout(readAgain, gatherMs);
      }
    });
    return () => {
      stop();
      if (timer !== null) {
        window.clearTimeout(timer);
      }
    };
  }, [client, id]);
  return useQuery<EventDetail, Problem>({
    queryKey: ['event', id],
    queryFn: ({ signal }) => getJson<EventDetail>(`/api/v1/events/${encodeURIComponent(id)}`, {}, signal),
    retry: (count, fault) => fault.status === 0 && count < 100,
    retryDelay: 1000,
  });
}

export function useEventSeries(event: EventDetail, kind: 'measured' | 'without', live: boolean): Series | null {
  const range = chartRange(event);
  const { data } = useQuery<Series, Problem>({
    queryKey: ['series', event.series_point, kind, range.from, range.to],
    queryFn: ({ signal }) =>
      getJson<Series>(
        '/api/v1/series',
        {
          point: event.series_point,
          from: new Date(range.from).toISOString(),
          to: new Date(range.to).toISOString(),
          step: 60,
          agg: 'mean',
          kind,
        },
        signal,
      ),
    enabled: live || isOver(event.state),
    retry: (count, fault) => fault.status === 0 && count < 100,
    retryDelay: 1000,
    refetchInterval: live && !isOver(event.state) ? seriesEveryMs : false,
  });
  return data ?? null;
}
