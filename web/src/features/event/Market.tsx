import { formatClockMs, parseTime, type Zone } from '@/lib/time';
import { formatLatency, formatNumber } from '@/lib/units';
import type { Contract, EventDetail, Message, SearchedProvider } from './model';
import { type Column, Table } from './Table';

const signatureWords: Readonly<Record<string, string>> = {
  verified: '✓ verified',
  refused: '✕ refused',
  ours: 'ours',
};

function providerNote(provider: SearchedProvider): string {
  if (provider.answered) {
    return 'answered in time';
  }
  return `did not answer in time and was left out${provider.fault ? `: ${provider.fault}` : ''}`;
}

function Providers({ providers }: { providers: SearchedProvider[] }) {
  const slow = providers.filter((one) => !one.answered);
  const longest = Math.max(1, ...providers.map((one) => one.latency_ms));
  const columns: Column<SearchedProvider>[] = [
    { header: 'Provider', head: true, cell: (row) => row.provider },
    { header: 'Round', numeric: true, cell: (row) => row.round ?? 1 },
    { header: 'Answer after', unit: 'ms, wall clock', numeric: true, cell: (row) => formatNumber(row.latency_ms, 1) },
    {
      header: 'Share of the longest',
      cell: (row) => (
        <svg className="ev-bar" viewBox="0 0 100 8" aria-hidden="true" preserveAspectRatio="none">
          <rect
            className={row.answered ? 'ev-bar-fill' : 'ev-bar-slow'}
            x={0}
            y={0}
            width={(row.latency_ms / longest) * 100}
            height={8}
          />
        </svg>
      ),
    },
    { header: 'What came of it', cell: providerNote },
  ];
  return (
    <>
      {slow.length > 0 ? (
        <p className="ev-warning">
          <span aria-hidden="true">▲</span> Too slow or silent, left out:{' '}
          {[...new Set(slow.map((one) => one.provider))].join(', ')}.
        </p>
      ) : null}
      <Table
        caption="Providers that were asked for offers"
        columns={columns}
        rows={providers}
        rowKey={(row, index) => `${row.provider}${index}`}
        rowClass={(row) => (row.answered ? undefined : 'ev-row-alarm')}
        empty="No provider was asked."
        long={providers.length > 8}
      />
    </>
  );
}

function contractColumns(): Column<Contract>[] {
  return [
    { header: 'Order', head: true, cell: (row) => row.order_id || '–' },
    { header: 'Provider', cell: (row) => row.provider },
    { header: 'Kind', cell: (row) => row.kind },
    { header: 'State', cell: (row) => (row.failure ? `${row.state}: ${row.failure}` : row.state) },
    { header: 'Devices', numeric: true, cell: (row) => row.lines.length },
    { header: 'Cost', unit: '£', numeric: true, cell: (row) => formatNumber(row.cost_gbp, 2) },
  ];
}

function messageColumns(zone: Zone): Column<Message>[] {
  return [
    { header: 'Entry', numeric: true, cell: (row) => row.seq },
    { header: 'At', unit: 'wall clock', numeric: true, cell: (row) => formatClockMs(parseTime(row.at), zone) },
    { header: 'Direction', cell: (row) => (row.direction === 'sent' ? '→ sent' : '← received') },
    { header: 'Message', head: true, cell: (row) => <code>{row.action}</code> },
    { header: 'Provider', cell: (row) => row.provider },
    { header: 'Latency', unit: 'wall clock', numeric: true, cell: (row) => formatLatency(row.latency_ms) },
    { header: 'Signature', cell: (row) => signatureWords[row.signature] ?? row.signature },
    { header: 'Outcome', cell: (row) => row.outcome || '–' },
  ];
}

export function Market({ event, zone }: { event: EventDetail; zone: Zone }) {
  return (
    <>
      <Providers providers={event.providers} />
      <Table
        caption={`${event.messages.length} Beckn messages in order`}
        columns={messageColumns(zone)}
        rows={event.messages}
        rowKey={(row, index) => `${row.seq}-${index}`}
        rowClass={(row) => (row.signature === 'refused' || row.outcome === 'timeout' ? 'ev-row-alarm' : undefined)}
        long={event.messages.length > 12}
        empty="No message yet."
      />
      <Table
        caption="Contracts"
        columns={contractColumns()}
        rows={event.contracts}
        rowKey={(row) => row.transaction_id}
        rowClass={(row) => (row.failure ? 'ev-row-alarm' : undefined)}
        empty="No contract yet."
      />
    </>
  );
}
