import { useQuery } from '@tanstack/react-query';
import { Panel } from '@/components/Panel';
import { StatusMark } from '@/components/StatusMark';
import { type Column, Table } from '@/components/Table';
import { getJson } from '@/lib/api';
import { formatDayClock, parseTime } from '@/lib/time';
import { formatDuration, formatNumber, missing } from '@/lib/units';
import type { Feed, Feeds, FeedValue } from './model';
import { feedLevel, feedWords, valueText } from './wording';

const feedColumns: Column<Feed>[] = [
  { key: 'id', title: 'Feed', cell: (row) => row.id.replaceAll('_', ' ') },
  {
    key: 'state',
    title: 'State',
    cell: (row) => (
      <>
        <StatusMark level={feedLevel(row.state)} word={feedWords[row.state]} />
        {row.fault ? <div className="quality-note">{row.fault}</div> : null}
      </>
    ),
  },
  { key: 'reaches', title: 'Reaches', cell: (row) => row.reaches },
  { key: 'source', title: 'Source', cell: (row) => row.source || <span className="dim">{missing}</span> },
  { key: 'age', title: 'Age', number: true, cell: (row) => formatDuration(row.age_s) },
  { key: 'records', title: 'Values', number: true, cell: (row) => formatNumber(row.records) },
  {
    key: 'quarantined',
    title: 'Not believed',
    cell: (row) =>
      row.quarantined > 0 ? (
        <>
          <b>{formatNumber(row.quarantined)}</b>
          {row.not_believed.slice(0, 2).map((one) => (
            <div className="quality-note" key={one.pointer}>
              {one.pointer}: {one.why}
            </div>
          ))}
        </>
      ) : (
        <span className="dim">none</span>
      ),
  },
];

const valueColumns: Column<FeedValue>[] = [
  { key: 'name', title: 'Value', cell: (row) => valueText(row).name },
  { key: 'value', title: 'Now', number: true, cell: (row) => valueText(row).value },
  { key: 'of', title: 'Half-hour', cell: (row) => formatDayClock(parseTime(row.half_hour)) },
  {
    key: 'source',
    title: 'Source',
    cell: (row) => (
      <>
        {row.source} <span className="dim">{row.licence}</span>
        {row.stale_because ? <div className="quality-note">old: {row.stale_because}</div> : null}
      </>
    ),
  },
  { key: 'age', title: 'Age', number: true, cell: (row) => formatDuration(row.age_s) },
];

/** Public data from elsewhere: how each feed stands, and what it says of the half-hour at hand. */
export function FeedsPanel() {
  const feeds = useQuery({
    queryKey: ['feeds'],
    queryFn: ({ signal }) => getJson<Feeds>('/api/v1/feeds', {}, signal),
    refetchInterval: 15_000,
  });
  return (
    <Panel title="Feeds: public data from elsewhere" className="quality-feeds">
      {feeds.data ? (
        <>
          {feeds.data.live ? null : <p className="quality-none">{feeds.data.why_not}</p>}
          {feeds.data.feeds.length > 0 ? (
            <Table caption="Feeds" columns={feedColumns} rows={feeds.data.feeds} rowKey={(row) => row.id} />
          ) : null}
          {feeds.data.values.length > 0 ? (
            <Table
              caption="Values by which decisions are made"
              columns={valueColumns}
              rows={feeds.data.values}
              rowKey={(row) => row.name}
            />
          ) : null}
        </>
      ) : (
        <p className="quality-none" role={feeds.isError ? 'alert' : undefined}>
          {feeds.isError ? `The feeds could not be read: ${feeds.error.message}` : 'Reading…'}
        </p>
      )}
    </Panel>
  );
}
