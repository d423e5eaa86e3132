import { useId } from 'react';
import { formatClock, formatPeriod, type Zone, zoneName } from '@/lib/time';
import { formatEnergy, formatNumber, formatPower } from '@/lib/units';
import {
  bandPath,
  chartRange,
  chartTable,
  fanOf,
  linePath,
  type Mark,
  marksOf,
  place,
  points,
  powerRange,
  type Scale,
  stepPath,
  ticks,
} from './chart';
import { type EventDetail, placeOf, type Series } from './model';
import { type Column, Table } from './Table';

const width = 860;
const height = 330;
const frame = { left: 58, right: 24, top: 34, bottom: 40 };
const halfHour = 1_800_000;

interface Props {
  event: EventDetail;
  measured: Series | null;
  without: Series | null;
  zone: Zone;
}

function MarkShape({ mark, x }: { mark: Mark; x: number }) {
  const y = frame.top - 12;
  const shapes = {
    raised: <path d={`M${x - 5} ${y + 5}L${x} ${y - 5}L${x + 5} ${y + 5}Z`} />,
    fired: <rect x={x - 4.5} y={y - 4.5} width={9} height={9} />,
    released: <circle cx={x} cy={y} r={5} />,
  };
  return <g className={`ev-mark ev-mark-${mark.shape}`}>{shapes[mark.shape]}</g>;
}

/** Labels that would lie over one another share a side. */
function markAnchor(marks: Mark[], index: number, x: Scale): 'start' | 'end' {
  const here = marks[index];
  const next = marks[index + 1];
  const at = here ? place(x, here.at) : 0;
  const isCrowded = next !== undefined && place(x, next.at) - at < 150 && at > 170;
  return isCrowded || at > width - frame.right - 150 ? 'end' : 'start';
}

function TimeAxis({ x, range, zone }: { x: Scale; range: { from: number; to: number }; zone: Zone }) {
  const every = (range.to - range.from) / halfHour > 12 ? 2 * halfHour : halfHour;
  const at: number[] = [];
  for (let one = Math.ceil(range.from / every) * every; one <= range.to; one += every) {
    at.push(one);
  }
  return (
    <g className="ev-axis">
      {at.map((one) => (
        <g key={one}>
          <line x1={place(x, one)} x2={place(x, one)} y1={frame.top} y2={height - frame.bottom} />
          <text x={place(x, one)} y={height - frame.bottom + 15} textAnchor="middle">
            {formatClock(one, zone)}
          </text>
        </g>
      ))}
      <text x={width - frame.right} y={height - 6} textAnchor="end" className="ev-axis-name">
        domain time, {zoneName(range.from, zone)}
      </text>
    </g>
  );
}

function PowerAxis({ y, range }: { y: Scale; range: { from: number; to: number } }) {
  const isMegawatts = range.to >= 1500;
  const values = ticks(range.from, range.to, 6);
  const step = (values[1] ?? 1) - (values[0] ?? 0);
  const digits = isMegawatts && step < 1000 ? (step < 100 ? 2 : 1) : step < 1 ? 1 : 0;
  return (
    <g className="ev-axis">
      {values.map((value) => (
        <g key={value}>
          <line x1={frame.left} x2={width - frame.right} y1={place(y, value)} y2={place(y, value)} />
          <text x={frame.left - 6} y={place(y, value) + 4} textAnchor="end">
            {formatNumber(isMegawatts ? value / 1000 : value, digits)}
          </text>
        </g>
      ))}
      <text x={6} y={frame.top - 20} className="ev-axis-name">
        {isMegawatts ? 'MW' : 'kW'}
      </text>
    </g>
  );
}

export function Chart({ event, measured, without, zone }: Props) {
  const title = useId();
  const range = chartRange(event);
  const fan = fanOf(event, range);
  const load = points(measured);
  const twin = points(without);
  const power = powerRange([
    ...load.map((one) => one.kw),
    ...twin.map((one) => one.kw),
    ...(fan ? fan.bands.flatMap((band) => [...band.low, ...band.high]) : []),
    event.limit_kw,
  ]);
  const x: Scale = { ...range, a: frame.left, b: width - frame.right };
  const y: Scale = { ...power, a: height - frame.bottom, b: frame.top };
  const marks = marksOf(event, range);
  const start = place(x, Date.parse(event.start));
  const end = place(x, Date.parse(event.end));
  const limit = place(y, event.limit_kw);
  const columns: Column<ReturnType<typeof chartTable>[number]>[] = [
    { header: 'Half-hour', head: true, cell: (row) => `${formatClock(row.at, zone)} · ${formatPeriod(row.at)}` },
    { header: 'Measured', unit: 'kW', numeric: true, cell: (row) => formatNumber(row.measured, 1) },
    { header: 'Without', unit: 'kW', numeric: true, cell: (row) => formatNumber(row.without, 1) },
    {
      header: `Forecast ${fan?.alarmName ?? ''}`.trim(),
      unit: 'kW',
      numeric: true,
      cell: (row) => formatNumber(row.alarm, 1),
    },
    { header: 'Limit', unit: 'kW', numeric: true, cell: () => formatNumber(event.limit_kw, 1) },
  ];
  return (
    <figure className="ev-figure">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-labelledby={title} className="ev-chart">
        <title id={title}>
          {`Load of ${placeOf(event)} against its ${formatPower(event.limit_kw)} limit, with and without relief`}
        </title>
        <rect
          className="ev-window"
          x={start}
          y={frame.top}
          width={Math.max(0, end - start)}
          height={height - frame.top - frame.bottom}
        />
        <TimeAxis x={x} range={range} zone={zone} />
        <PowerAxis y={y} range={power} />
        {fan?.bands.map((band, index) => (
          <path
            key={band.name}
            className={`ev-band ev-band-${Math.min(index, 2)}`}
            d={bandPath(fan.starts, band.low, band.high, fan.stepMs, x, y)}
          />
        ))}
        {fan ? <path className="ev-alarm-quantile" d={stepPath(fan.starts, fan.alarm, fan.stepMs, x, y)} /> : null}
        <line className="ev-limit" x1={frame.left} x2={width - frame.right} y1={limit} y2={limit} />
        <text className="ev-limit-name" x={frame.left + 6} y={limit - 6}>
          limit {formatPower(event.limit_kw)}
        </text>
        <path className="ev-without" d={linePath(twin, x, y)} />
        <path className="ev-measured" d={linePath(load, x, y)} />
        {marks.map((mark, index) => {
          const at = place(x, mark.at);
          const anchor = markAnchor(marks, index, x);
          return (
            <g key={mark.name}>
              <line className="ev-mark-line" x1={at} x2={at} y1={frame.top - 6} y2={height - frame.bottom} />
              <MarkShape mark={mark} x={at} />
              <text
                className="ev-mark-name"
                x={anchor === 'start' ? at + 9 : at - 9}
                y={frame.top - 8}
                textAnchor={anchor}
              >
                {mark.name} {formatClock(mark.at, zone)}
              </text>
            </g>
          );
        })}
      </svg>
      <figcaption>
        <ul className="ev-legend">
          <li>
            <Key kind="measured" /> measured
          </li>
          <li>
            <Key kind="without" /> without relief
            {without ? (without.method === 'simulated_twin' ? ' (simulated twin)' : ' (measured plus delivery)') : ''}
          </li>
          <li>
            <Key kind="limit" /> limit ({event.limit.kind}, {event.limit.source})
          </li>
          {fan ? (
            <li>
              <Key kind="alarm" /> forecast when raised: {fan.bands[0]?.name} band, line {fan.alarmName} (
              {event.forecast.method}
              {event.forecast.model ? ` ${event.forecast.model}` : ''}
              {event.overload.expected_over_kwh != null
                ? `; ${formatEnergy(event.overload.expected_over_kwh)} to be expected over the limit`
                : ''}
              )
            </li>
          ) : (
            <li>raised from readings, without a forecast</li>
          )}
          <li>
            <Key kind="window" /> event window
          </li>
        </ul>
      </figcaption>
      <details className="ev-details">
        <summary>Show as table</summary>
        <Table
          caption={`Half-hourly mean load of ${placeOf(event)}`}
          columns={columns}
          rows={chartTable(load, twin, fan, range)}
          rowKey={(row) => String(row.at)}
        />
      </details>
    </figure>
  );
}

function Key({ kind }: { kind: 'measured' | 'without' | 'limit' | 'alarm' | 'window' }) {
  if (kind === 'window') {
    return (
      <svg className="ev-key" viewBox="0 0 26 10" aria-hidden="true">
        <rect className="ev-window ev-window-key" x={1} y={0} width={24} height={10} />
      </svg>
    );
  }
  const names = { measured: 'ev-measured', without: 'ev-without', limit: 'ev-limit', alarm: 'ev-alarm-quantile' };
  return (
    <svg className="ev-key" viewBox="0 0 26 10" aria-hidden="true">
      {kind === 'alarm' ? <rect className="ev-band ev-band-0" x={1} y={0} width={24} height={10} /> : null}
      <path className={names[kind]} d="M1 5L25 5" />
    </svg>
  );
}
