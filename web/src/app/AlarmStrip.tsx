import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { StatusMark } from '@/components/StatusMark';
import { type EventSummary, getJson, isOpen } from '@/lib/api';
import { formatClock, formatWindow, parseTime } from '@/lib/time';
import { formatPower } from '@/lib/units';

/** Open events that are not covered, or that raised an alarm; the newest first, as the server lists them. */
export function openAlarms(events: EventSummary[]): EventSummary[] {
  return events.filter((event) => isOpen(event) && (event.alarmed || (event.shortfall_kw ?? 0) > 0));
}

/** The newest open alarm, always in the same place. */
export function AlarmStrip() {
  const events = useQuery({
    queryKey: ['events'],
    queryFn: ({ signal }) => getJson<{ events: EventSummary[] }>('/api/v1/events', { limit: 200 }, signal),
    refetchInterval: 15_000,
  });
  const alarms = openAlarms(events.data?.events ?? []);
  const newest = alarms[0];
  return (
    <footer className={newest ? 'alarm-strip raised' : 'alarm-strip'} aria-label="Alarms">
      <div role="status" className="alarm-text">
        {newest ? (
          <>
            <StatusMark level="over" word={`${alarms.length} open`} />
            <span>
              {formatClock(parseTime(newest.detected_at))} · {newest.feeder_id} {newest.phase}: short of{' '}
              {formatPower(newest.shortfall_kw)} in {formatWindow(parseTime(newest.start), parseTime(newest.end))}
              {newest.note ? ` · ${newest.note}` : ''}
            </span>
          </>
        ) : (
          <span className="dim">No open alarm</span>
        )}
      </div>
      {newest ? (
        <Link href={`/events/${newest.event_id}`} className="alarm-link" data-alarm-link>
          Open event <kbd>A</kbd>
        </Link>
      ) : null}
    </footer>
  );
}
