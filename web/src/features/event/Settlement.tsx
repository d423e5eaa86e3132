import { formatClock, formatPeriod, parseTime, type Zone } from '@/lib/time';
import { formatMoney, formatNumber, formatShare } from '@/lib/units';
import type { DeliveryRow, EventDetail, StatementLine } from './model';
import { type PeriodRow, periodRows } from './settlementRows';
import { type Column, Table } from './Table';

function share(delivered: number, instructed: number): string {
  return instructed > 0 ? formatShare(delivered / instructed) : '–';
}

function periodColumns(zone: Zone): Column<PeriodRow>[] {
  return [
    { header: 'Half-hour', head: true, cell: (row) => `${formatClock(row.start, zone)} · ${formatPeriod(row.start)}` },
    { header: 'Baseline', unit: 'kWh', numeric: true, cell: (row) => formatNumber(row.baseline_kwh, 2) },
    { header: 'Metered', unit: 'kWh', numeric: true, cell: (row) => formatNumber(row.metered_kwh, 2) },
    { header: 'Delivered', unit: 'kWh', numeric: true, cell: (row) => formatNumber(row.delivered_kwh, 2) },
    { header: 'Instructed', unit: 'kWh', numeric: true, cell: (row) => formatNumber(row.instructed_kwh, 2) },
    { header: 'Delivered of instructed', numeric: true, cell: (row) => share(row.delivered_kwh, row.instructed_kwh) },
  ];
}

type DevicePeriod = DeliveryRow & { der_id: string };

function deviceColumns(zone: Zone): Column<DevicePeriod>[] {
  return [
    { header: 'Device', head: true, cell: (row) => row.der_id },
    { header: 'Half-hour', numeric: true, cell: (row) => formatClock(parseTime(row.start), zone) },
    { header: 'Baseline', unit: 'kWh', numeric: true, cell: (row) => formatNumber(row.baseline_kwh, 3) },
    { header: 'Metered', unit: 'kWh', numeric: true, cell: (row) => formatNumber(row.metered_kwh, 3) },
    { header: 'Delivered', unit: 'kWh', numeric: true, cell: (row) => formatNumber(row.delivered_kwh, 3) },
    { header: 'Instructed', unit: 'kWh', numeric: true, cell: (row) => formatNumber(row.instructed_kwh, 3) },
    { header: 'Paid for', unit: 'kWh', numeric: true, cell: (row) => formatNumber(row.payable_kwh, 3) },
  ];
}

const statementColumns: Column<StatementLine>[] = [
  { header: 'Device', head: true, cell: (row) => row.der_id },
  { header: 'Provider', cell: (row) => row.provider },
  { header: 'Instructed', unit: 'kWh', numeric: true, cell: (row) => formatNumber(row.instructed_kwh, 2) },
  { header: 'Delivered', unit: 'kWh', numeric: true, cell: (row) => formatNumber(row.delivered_kwh, 2) },
  { header: 'Paid for', unit: 'kWh', numeric: true, cell: (row) => formatNumber(row.payable_kwh, 2) },
  { header: 'Utilisation', numeric: true, cell: (row) => formatMoney(row.utilisation_gbp) },
  { header: 'Availability', numeric: true, cell: (row) => formatMoney(row.availability_gbp) },
  { header: 'Total', numeric: true, cell: (row) => formatMoney(row.total_gbp) },
  { header: 'State', cell: (row) => row.state.toLowerCase().replaceAll('_', ' ') },
];

export function Settlement({ event, zone }: { event: EventDetail; zone: Zone }) {
  const { statement } = event;
  if (!statement) {
    return <p className="ev-none">Not settled yet: the statement follows when the meters of the window are read.</p>;
  }
  const rows = event.delivery.flatMap((one) => one.rows.map((row) => ({ ...row, der_id: one.der_id })));
  return (
    <>
      <p className="ev-figure-line">
        <span className="ev-big">{formatMoney(statement.total_gbp)}</span> for{' '}
        {formatNumber(statement.delivered_kwh, 1)} kWh delivered against baseline; statement {statement.statement_id},
        version {statement.version}, {statement.state.toLowerCase()}
      </p>
      <Table
        caption="Delivered against baseline, all devices"
        columns={periodColumns(zone)}
        rows={periodRows(event.delivery)}
        rowKey={(row) => String(row.start)}
      />
      <Table
        caption="Statement"
        columns={statementColumns}
        rows={statement.lines}
        rowKey={(row, index) => `${row.der_id}-${index}`}
        foot={
          <tr>
            <th scope="row" colSpan={7}>
              Total ({statement.rounding})
            </th>
            <td className="ev-num">{formatMoney(statement.total_gbp)}</td>
            <td />
          </tr>
        }
      />
      <details className="ev-details">
        <summary>Per device and half-hour ({rows.length})</summary>
        <Table
          caption="Delivered against baseline by device"
          columns={deviceColumns(zone)}
          rows={rows}
          rowKey={(row, index) => `${row.der_id}-${row.start}-${index}`}
          long
        />
      </details>
    </>
  );
}
