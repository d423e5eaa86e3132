import { Link } from 'wouter';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { StatusMark } from '@/components/StatusMark';
import { type Column, Table } from '@/components/Table';
import { type EventSummary, isOpen } from '@/lib/api';
import { formatClock, formatDayClock, formatWindowAhead, parseTime, type Zone } from '@/lib/time';
import { formatMoney, formatNumber } from '@/lib/units';

interface Props {
  events: EventSummary[];
  zone: Zone;
  selected: string | null;
  onSelect: (feeder: string) => void;
}

/** Covered, short, delivered, failed: what an operator reads first of an event. */
export function coverOf(
  event: EventSummary,
  zone: Zone = 'local',
): { level: 'over' | 'tight' | 'normal'; word: string } {
  if (event.state === 'failed') {
    return { level: 'over', word: 'failed' };
  }
  if (event.waits_for_approval) {
    return { level: event.alarmed ? 'over' : 'tight', word: 'WAITS FOR APPROVAL' };
  }
  if (event.alarmed && isOpen(event)) {
    return { level: 'over', word: 'ALARM' };
  }
  const isPutOff = isOpen(event) && event.review_at && !event.contracted_kw;
  if (isPutOff) {
    const at = parseTime(event.review_at);
    const isWithinADay = (at ?? 0) - (parseTime(event.detected_at) ?? 0) < 24 * 3_600_000;
    return { level: 'tight', word: `put off to ${isWithinADay ? formatClock(at, zone) : formatDayClock(at, zone)}` };
  }
  if ((event.shortfall_kw ?? 0) > 0) {
    return { level: isOpen(event) ? 'over' : 'tight', word: `short ${formatNumber(event.shortfall_kw, 1)} kW` };
  }
  if (!isOpen(event)) {
    return { level: 'normal', word: event.outcome || event.state };
  }
  return (event.contracted_kw ?? 0) > 0
    ? { level: 'normal', word: 'covered' }
    : { level: 'tight', word: 'not yet bought' };
}

const urgency = { over: 0, tight: 1, normal: 2 };

/** Open events first, those that need a person above the others, then by start; what is over, newest first. */
export function inOrder(events: EventSummary[]): EventSummary[] {
  const byStart = (a: EventSummary, b: EventSummary) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0);
  const open = events
    .filter(isOpen)
    .sort((a, b) => urgency[coverOf(a).level] - urgency[coverOf(b).level] || byStart(a, b));
  const over = events.filter((event) => !isOpen(event)).sort((a, b) => byStart(b, a));
  return [...open, ...over];
}

export function EventsPanel({ events, zone, selected, onSelect }: Props) {
  const columns: Column<EventSummary>[] = [
    {
      key: 'cover',
      title: 'Covered',
      cell: (event) => {
        const { level, word } = coverOf(event, zone);
        return <StatusMark level={level} word={word} />;
      },
    },
    { key: 'state', title: 'State', cell: (event) => event.state },
    { key: 'where', title: 'Feeder', cell: (event) => `${event.feeder_id} ${event.phase}` },
    {
      key: 'window',
      title: zone === 'utc' ? 'Window UTC' : 'Window',
      cell: (event) =>
        formatWindowAhead(parseTime(event.start), parseTime(event.end), parseTime(event.detected_at), zone),
    },
    { key: 'need', title: 'Need kW', number: true, cell: (event) => formatNumber(event.required_kw, 1) },
    { key: 'bought', title: 'Armed kW', number: true, cell: (event) => formatNumber(event.contracted_kw, 1) },
    // What the event bound us to; what is owed in the end is the statement's, on the event's page.
    { key: 'cost', title: 'Committed', number: true, cell: (event) => formatMoney(event.cost_gbp) },
    {
      key: 'open',
      title: <span className="hidden-text">Page</span>,
      cell: (event) => (
        <Link href={`/events/${event.event_id}`} aria-label={`Event on ${event.feeder_id} ${event.phase}`}>
          Open
        </Link>
      ),
    },
  ];
  const open = events.filter(isOpen).length;
  return (
    <Panel className="events-panel" title={`Events · ${open} open, ${events.length - open} over`}>
      {events.length === 0 ? (
        <Notice title="No events">
          <p>An event begins when a feeder is over its limit, or is expected to be.</p>
        </Notice>
      ) : (
        <Table
          caption="Events"
          columns={columns}
          rows={inOrder(events)}
          rowKey={(event) => event.event_id}
          selected={events.find((event) => event.feeder_id === selected)?.event_id ?? null}
          onSelect={(event) => onSelect(event.feeder_id)}
        />
      )}
    </Panel>
  );
}
