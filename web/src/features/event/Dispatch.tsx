import { formatClock, formatClockMs, parseTime, type Zone } from '@/lib/time';
import { formatCount, formatNumber } from '@/lib/units';
import { classWords } from '@/lib/words';
import { type DeviceRow, deviceRows, isTrouble, replacements } from './dispatchRows';
import type { EventDetail, Instruction } from './model';
import { type Column, Table } from './Table';

function deviceColumns(zone: Zone): Column<DeviceRow>[] {
  return [
    { header: 'Device', head: true, cell: (row) => row.der_id },
    { header: 'Class', cell: (row) => classWords(row.der_class) },
    { header: 'Provider', cell: (row) => row.provider || '–' },
    {
      header: 'State',
      cell: (row) => (
        <>
          {row.is_silent ? <span aria-hidden="true">▲ </span> : null}
          {row.state}
          {row.is_replacement ? ' · replacement' : ''}
          {row.detail ? `: ${row.detail}` : ''}
        </>
      ),
    },
    { header: 'Contracted', unit: 'kW', numeric: true, cell: (row) => formatNumber(row.relief_kw, 1) },
    {
      header: 'First told',
      unit: 'wall clock',
      numeric: true,
      cell: (row) => formatClockMs(parseTime(row.first_sent_at), zone),
    },
    { header: 'First ack', unit: 'ms', numeric: true, cell: (row) => formatNumber(row.first_ack_ms, 2) },
    { header: 'Slowest ack', unit: 'ms', numeric: true, cell: (row) => formatNumber(row.slowest_ack_ms, 2) },
    { header: 'Acknowledged', numeric: true, cell: (row) => `${row.acked} of ${row.told}` },
  ];
}

function instructionColumns(zone: Zone): Column<Instruction>[] {
  return [
    { header: 'Device', head: true, cell: (row) => row.der_id },
    { header: 'Told', cell: (row) => row.kind.replaceAll('_', ' ') },
    {
      header: 'Value',
      unit: 'kW',
      numeric: true,
      cell: (row) => (row.kind === 'release' ? '–' : formatNumber(row.value_kw, 2)),
    },
    { header: 'From', unit: 'domain', numeric: true, cell: (row) => formatClock(parseTime(row.start), zone) },
    { header: 'Expires', unit: 'domain', numeric: true, cell: (row) => formatClock(parseTime(row.expires_at), zone) },
    { header: 'Sent', unit: 'wall clock', numeric: true, cell: (row) => formatClockMs(parseTime(row.sent_at), zone) },
    { header: 'Ack', unit: 'ms', numeric: true, cell: (row) => formatNumber(row.ack_ms, 2) },
    { header: 'State', cell: (row) => (row.detail ? `${row.state}: ${row.detail}` : row.state) },
    { header: 'Attempt', numeric: true, cell: (row) => row.attempt ?? 1 },
    { header: 'Id', cell: (row) => <code>{row.instruction_id}</code> },
  ];
}

export function Dispatch({ event, zone }: { event: EventDetail; zone: Zone }) {
  return (
    <>
      {replacements(event).map((text, index) => (
        <p key={index} className="ev-warning">
          <span aria-hidden="true">▲</span> {text}
        </p>
      ))}
      <Table
        caption={`${formatCount(deviceRows(event).length, 'device')}: what each was told and answered`}
        columns={deviceColumns(zone)}
        rows={deviceRows(event)}
        rowKey={(row) => row.der_id}
        rowClass={(row) => (row.is_silent ? 'ev-row-alarm' : undefined)}
        empty="No device was told anything yet."
      />
      {event.instructions.length > 0 ? (
        <details className="ev-details">
          <summary>Every instruction ({event.instructions.length})</summary>
          <Table
            caption="Instructions in order"
            columns={instructionColumns(zone)}
            rows={event.instructions}
            rowKey={(row) => row.instruction_id}
            rowClass={(row) => (isTrouble(row) ? 'ev-row-alarm' : undefined)}
            long
          />
        </details>
      ) : null}
    </>
  );
}
