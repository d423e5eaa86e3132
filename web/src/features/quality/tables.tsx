import { Link } from 'wouter';
import { StatusMark } from '@/components/StatusMark';
import { type Column, Table } from '@/components/Table';
import { formatDayClock, parseTime } from '@/lib/time';
import { formatDuration, formatNumber, formatShare, missing } from '@/lib/units';
import type { Balance, Finding, QuarantineExample, SourceQuality, StationLink } from './model';
import {
  balanceLevel,
  balanceWord,
  clockLevel,
  clockWord,
  delayText,
  kindWords,
  protocolWords,
  quarantineText,
  reasonWords,
  sourceLevel,
  sourceWord,
} from './wording';

const when = (text: string | null) => formatDayClock(parseTime(text));

const sourceColumns: Column<SourceQuality>[] = [
  { key: 'source', title: 'Source', cell: (row) => row.source },
  { key: 'state', title: 'State', cell: (row) => <StatusMark level={sourceLevel(row)} word={sourceWord(row)} /> },
  { key: 'age', title: 'Age', number: true, cell: (row) => formatDuration(row.age_s) },
  {
    key: 'clock',
    title: 'Clock',
    cell: (row) => (
      <>
        <StatusMark level={clockLevel(row.clock)} word={clockWord(row.clock)} />
        {row.clock.detail ? <div className="quality-note">{row.clock.detail}</div> : null}
      </>
    ),
  },
  {
    key: 'delay',
    title: 'Delay: median (5 % to 95 %)',
    number: true,
    cell: (row) => delayText(row.clock),
  },
  { key: 'accepted', title: 'Accepted', number: true, cell: (row) => formatNumber(row.accepted) },
  { key: 'duplicates', title: 'Duplicates', number: true, cell: (row) => formatNumber(row.duplicates) },
  { key: 'conflicts', title: 'Conflicts', number: true, cell: (row) => formatNumber(row.conflicts) },
  {
    key: 'estimated',
    title: 'Estimated / substituted',
    number: true,
    cell: (row) =>
      row.estimated_share === null
        ? missing
        : `${formatShare(row.estimated_share)} / ${formatShare(row.substituted_share)}`,
  },
  {
    key: 'quarantined',
    title: 'Kept out',
    cell: (row) =>
      row.quarantined_total > 0 ? (
        <>
          <b>{formatNumber(row.quarantined_total)}</b>
          <div className="quality-note">{quarantineText(row.quarantined)}</div>
        </>
      ) : (
        <span className="dim">none</span>
      ),
  },
];

export function SourceTable({ rows }: { rows: SourceQuality[] }) {
  if (rows.length === 0) {
    return <p className="quality-none">No reading has come yet.</p>;
  }
  return <Table caption="Sources of readings" columns={sourceColumns} rows={rows} rowKey={(row) => row.source} />;
}

const linkColumns: Column<StationLink>[] = [
  { key: 'source', title: 'Station', cell: (row) => row.source },
  { key: 'protocol', title: 'Protocol', cell: (row) => protocolWords[row.protocol] ?? row.protocol },
  {
    key: 'state',
    title: 'State',
    cell: (row) => (
      <>
        <StatusMark level={row.running ? 'normal' : 'tight'} word={row.running ? 'sends' : 'does not send'} />
        {!row.running && row.why ? <div className="quality-note">{row.why}</div> : null}
      </>
    ),
  },
  { key: 'connections', title: 'Connections', number: true, cell: (row) => formatNumber(row.connections) },
  { key: 'messages', title: 'Messages', number: true, cell: (row) => formatNumber(row.messages) },
  {
    key: 'unread',
    title: 'Invalid / unsupported',
    number: true,
    cell: (row) => `${formatNumber(row.invalid)} / ${formatNumber(row.unsupported)}`,
  },
  {
    key: 'interrogations',
    title: 'Interrogations done / failed',
    number: true,
    cell: (row) => `${formatNumber(row.interrogations_ended)} / ${formatNumber(row.interrogations_failed)}`,
  },
  {
    key: 'untimed',
    title: 'Values without time / bad time',
    number: true,
    cell: (row) => `${formatNumber(row.untimed)} / ${formatNumber(row.bad_times)}`,
  },
];

export function LinkTable({ rows }: { rows: StationLink[] }) {
  return <Table caption="Connections to stations" columns={linkColumns} rows={rows} rowKey={(row) => row.source} />;
}

const balanceColumns: Column<Balance>[] = [
  { key: 'substation', title: 'Busbar', cell: (row) => `${row.substation_id} ${row.phase}` },
  { key: 'state', title: 'State', cell: (row) => <StatusMark level={balanceLevel(row)} word={balanceWord(row)} /> },
  { key: 'busbar', title: 'Busbar kW', number: true, cell: (row) => formatNumber(row.busbar_kw, 1) },
  { key: 'feeders', title: 'Feeders kW', number: true, cell: (row) => formatNumber(row.feeders_kw, 1) },
  { key: 'difference', title: 'Difference kW', number: true, cell: (row) => formatNumber(row.difference_kw, 1) },
  { key: 'seen', title: 'Feeders seen', number: true, cell: (row) => `${row.feeders_seen} of ${row.feeders}` },
  { key: 'off', title: 'Times off', number: true, cell: (row) => `${row.off} of ${row.compared}` },
  { key: 'at', title: 'At', number: true, cell: (row) => when(row.at) },
];

export function BalanceTable({ rows }: { rows: Balance[] }) {
  if (rows.length === 0) {
    return <p className="quality-none">No substation has readings of its busbar.</p>;
  }
  return (
    <Table
      caption="Busbars against the sum of their feeders"
      columns={balanceColumns}
      rows={rows}
      rowKey={(row) => `${row.substation_id}/${row.phase}`}
    />
  );
}

const exampleColumns: Column<QuarantineExample & { source: string }>[] = [
  { key: 'at', title: 'Arrived', number: true, cell: (row) => when(row.at) },
  { key: 'source', title: 'Source', cell: (row) => row.source },
  { key: 'reason', title: 'Why', cell: (row) => reasonWords[row.reason] ?? row.reason },
  { key: 'where', title: 'Where', cell: (row) => <code>{row.where}</code> },
  { key: 'detail', title: 'What', cell: (row) => <span className="quality-detail">{row.detail}</span> },
];

export function ExampleTable({ rows }: { rows: (QuarantineExample & { source: string })[] }) {
  if (rows.length === 0) {
    return <p className="quality-none">Nothing was kept out while it was read.</p>;
  }
  return (
    <Table
      caption="Newest readings that were kept out"
      columns={exampleColumns}
      rows={[...rows].sort((a, b) => b.at.localeCompare(a.at))}
      rowKey={(row) => `${row.source}/${row.reason}/${row.detail}`}
    />
  );
}

const findingColumns: Column<Finding>[] = [
  {
    key: 'place',
    title: 'Place',
    cell: (row) => (
      <Link href={`/?feeder=${encodeURIComponent(row.point_id)}`}>
        {row.point_id} {row.phase}
      </Link>
    ),
  },
  {
    key: 'kind',
    title: 'Finding',
    cell: (row) => <StatusMark level={row.open ? 'tight' : 'unknown'} word={kindWords[row.kind] ?? row.kind} />,
  },
  { key: 'open', title: 'Now', cell: (row) => (row.open ? 'holds' : <span className="dim">past</span>) },
  { key: 'count', title: 'Times', number: true, cell: (row) => formatNumber(row.count) },
  { key: 'last', title: 'Newest', number: true, cell: (row) => when(row.last_at) },
  { key: 'source', title: 'Source', cell: (row) => row.source || <span className="dim">none</span> },
  { key: 'detail', title: 'What', cell: (row) => <span className="quality-detail">{row.detail}</span> },
];

export function FindingTable({ rows }: { rows: Finding[] }) {
  return (
    <Table
      caption="Findings"
      columns={findingColumns}
      rows={rows}
      rowKey={(row) => `${row.point_id}/${row.quantity}/${row.phase}/${row.kind}`}
    />
  );
}
