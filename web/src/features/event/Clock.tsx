import { formatClock, formatPeriod, type Zone, zoneName } from '@/lib/time';
import { formatLatency } from '@/lib/units';
import { clockRows } from './lifeline';
import type { EventDetail } from './model';
import { type Column, Table } from './Table';

export function Clock({ event, zone }: { event: EventDetail; zone: Zone }) {
  const rows = clockRows(event);
  const columns: Column<(typeof rows)[number]>[] = [
    { header: 'Moment', head: true, cell: (row) => row.words },
    {
      header: `Domain time, ${zoneName(Date.parse(event.detected_at), zone)}`,
      numeric: true,
      cell: (row) => formatClock(row.at, zone, true),
    },
    { header: 'SP', numeric: true, cell: (row) => formatPeriod(row.at).replace('SP ', '') },
    {
      header: 'Since detection',
      unit: 'wall clock',
      numeric: true,
      cell: (row) => (row.since_ms === null ? 'not measured' : formatLatency(row.since_ms)),
    },
  ];
  const isForecast = event.cause === 'forecast';
  return (
    <>
      <p className="ev-figure-line">
        <span className="ev-big">{formatLatency(event.detection_to_dispatch_ms)}</span>{' '}
        {event.detection_to_dispatch_ms === null
          ? 'detection to dispatch: no instruction has gone out'
          : `from ${isForecast ? 'the decision to fire' : 'detection'} until the last instruction that covers the need was on its way (wall clock)`}
      </p>
      <Table caption="Moments of the event" columns={columns} rows={rows} rowKey={(row) => row.name} />
    </>
  );
}
