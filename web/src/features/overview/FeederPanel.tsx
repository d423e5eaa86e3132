import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { Chart } from '@/components/Chart';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { StatusMark } from '@/components/StatusMark';
import { type Column, Table } from '@/components/Table';
import {
  type EventSummary,
  type FeederDetail,
  type Forecast,
  getJson,
  isOpen,
  type Outlook,
  type Series,
} from '@/lib/api';
import { prefer, usePreferences } from '@/lib/preferences';
import { formatClock, formatDayClock, formatPeriod, formatWindowAhead, parseTime, zoneName } from '@/lib/time';
import { formatMoney, formatNumber, formatPower, formatShare } from '@/lib/units';
import type { Selection } from '@/lib/url_state';
import { chartModel } from './feeder_chart';
import type { FeederRow } from './feeder_rows';
import { forecastWords, outlookWords, rampCells } from './forecast_words';

interface Props {
  row: FeederRow;
  events: EventSummary[];
  now: number | null;
  selection: Selection;
  onSelect: (change: Partial<Selection>) => void;
}

const hour = 3_600_000;
const halfHour = hour / 2;

/** The chosen feeder: one sentence, and its chart. */
export function FeederPanel({ row, events, now, selection, onSelect }: Props) {
  const { zone } = usePreferences();
  const [asTable, setAsTable] = useState(false);
  const mine = useMemo(() => events.filter((event) => event.feeder_id === row.id), [events, row.id]);
  const open = mine.find(isOpen);
  const phase = selection.phase ?? open?.phase ?? row.phase;
  const middle = Math.floor((now ?? 0) / halfHour) * halfHour;
  const from = selection.from ?? middle - 4 * hour;
  const to = selection.to ?? middle + 8 * hour;
  const point = `${row.id}/p_kw/${phase}`;

  const detail = useQuery({
    queryKey: ['feeder', row.id],
    queryFn: ({ signal }) => getJson<FeederDetail>(`/api/v1/feeders/${encodeURIComponent(row.id)}`, {}, signal),
    staleTime: 30_000,
  });
  const live = { refetchInterval: 2_000, enabled: now !== null };
  const range = {
    point,
    from: new Date(from).toISOString(),
    to: new Date(Math.min(to, (now ?? to) + 60_000)).toISOString(),
  };
  // Minutes of a day are enough for a chart's width; longer spans are drawn by half-hours.
  const steps = { step: to - from > 24 * hour ? 1800 : 60 };
  const measured = useQuery({
    queryKey: ['series', point, from, to, 'measured'],
    queryFn: ({ signal }) => getJson<Series>('/api/v1/series', { ...range, ...steps }, signal),
    ...live,
    placeholderData: (last) => (last?.point_id === point ? last : undefined),
  });
  const without = useQuery({
    queryKey: ['series', point, from, to, 'without'],
    queryFn: ({ signal }) => getJson<Series>('/api/v1/series', { ...range, ...steps, kind: 'without' }, signal),
    ...live,
    placeholderData: (last) => (last?.point_id === point ? last : undefined),
    enabled: now !== null && mine.length > 0,
  });
  const forecast = useQuery({
    queryKey: ['forecast', point],
    queryFn: ({ signal }) =>
      getJson<Forecast>(`/api/v1/feeders/${encodeURIComponent(row.id)}/forecast`, { phase, half_hours: 48 }, signal),
    refetchInterval: 10_000,
  });
  const outlook = useQuery({
    queryKey: ['outlook', point],
    queryFn: ({ signal }) =>
      getJson<Outlook>(`/api/v1/feeders/${encodeURIComponent(row.id)}/outlook`, { phase }, signal),
    staleTime: 30 * 60_000,
  });
  const week = { from: middle - 24 * hour, to: middle + 8 * 24 * hour };
  const isWeek = selection.to !== null && selection.to >= middle + 3 * 24 * hour;
  const limitKw = detail.data?.points?.find((one) => one.point_id === point)?.limit_kw ?? row.limitKw;

  const model = useMemo(
    () =>
      chartModel({
        measured: measured.data,
        without: without.data,
        forecast: forecast.data,
        outlook: outlook.data,
        events: mine,
        phase,
        limitKw,
        now,
        from,
        to,
      }),
    [measured.data, without.data, forecast.data, outlook.data, mine, phase, limitKw, now, from, to],
  );
  const metered = (detail.data?.points ?? []).filter((one) => one.load_kw !== null);
  const phases = [...new Set(metered.map((one) => one.phase))];

  return (
    <Panel
      className="feeder-panel"
      title={
        <>
          {row.id} {row.name} · {phase}
        </>
      }
      actions={
        <>
          {(phases.length > 0 ? phases : [phase]).map((one) => (
            <button key={one} type="button" aria-pressed={one === phase} onClick={() => onSelect({ phase: one })}>
              {one}
            </button>
          ))}
          <button type="button" onClick={() => prefer({ zone: zone === 'utc' ? 'local' : 'utc' })}>
            {zone === 'utc' ? 'UTC' : 'Local'}
          </button>
          <button
            type="button"
            aria-pressed={isWeek}
            onClick={() => onSelect(isWeek ? { from: null, to: null } : week)}
          >
            Week
          </button>
          <button type="button" disabled={selection.from === null} onClick={() => onSelect({ from: null, to: null })}>
            All
          </button>
          <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            Table
          </button>
        </>
      }
    >
      <div className="feeder-body">
        <Answer row={row} open={open} zone={zone} />
        {asTable ? (
          <ForecastTable forecast={forecast.data} limitKw={limitKw} zone={zone} />
        ) : model.lines.some((line) => line.key !== 'limit') ? (
          <Chart
            label={`Load, limit and expected load of ${row.id} ${phase}; Table shows the same in numbers`}
            model={model}
            zone={zone}
            onRange={rangeInto(onSelect)}
          />
        ) : (
          <Notice title={measured.isLoading ? 'Reading the series…' : 'No readings of this phase in this range'} />
        )}
        {asTable ? null : (
          <Legend
            hasWithout={without.data !== undefined}
            method={without.data?.method}
            hasOutlook={(outlook.data?.load_kw.length ?? 0) > 0 && isWeek}
          />
        )}
        <ForecastOrigin forecast={forecast.data} />
        {outlook.data ? (
          <p className="dim forecast-origin outlook">
            {outlookWords(outlook.data, limitKw, zone)}
            {outlook.data.load_kw.length > 0 && !isWeek ? ' It is drawn under Week.' : ''}
          </p>
        ) : null}
        <Ramps forecast={forecast.data} zone={zone} />
      </div>
    </Panel>
  );
}

const rangeInto = (onSelect: Props['onSelect']) => (range: { from: number; to: number } | null) =>
  onSelect(range ?? { from: null, to: null });

/** Where, when, covered: in words. */
function Answer({ row, open, zone }: { row: FeederRow; open: EventSummary | undefined; zone: 'utc' | 'local' }) {
  if (open) {
    const short = (open.shortfall_kw ?? 0) > 0;
    return (
      <p className="answer">
        <StatusMark level={short ? 'over' : 'normal'} word={short ? 'NOT COVERED' : 'COVERED'} />
        <span>
          {open.phase} needs <b>{formatPower(open.required_kw)}</b> in{' '}
          <b>
            {formatWindowAhead(parseTime(open.start), parseTime(open.end), parseTime(open.detected_at), zone)}{' '}
            {zoneName(parseTime(open.start) ?? 0, zone)}
          </b>
          ; {formatPower(open.contracted_kw)} {open.state} for {formatMoney(open.cost_gbp)}
          {short ? `, short of ${formatPower(open.shortfall_kw)}` : ''}.{' '}
          <Link href={`/events/${open.event_id}`}>Open the event</Link> ·{' '}
          <Link href={`/plans?event=${encodeURIComponent(open.event_id)}`}>its plans</Link>
        </span>
      </p>
    );
  }
  const over = (row.overKw ?? 0) > 0;
  return (
    <p className="answer">
      <StatusMark level={over ? 'over' : row.ahead} word={over ? 'NEED' : ''} />
      <span>
        Now <b>{formatPower(row.loadKw)}</b> of {formatPower(row.limitKw)} ({formatShare(row.share)} headroom on{' '}
        {row.phase}).
        {row.expectedShare === null
          ? ' No forecast yet.'
          : ` Peak expected at ${formatDayClock(parseTime(row.expectedAt), zone)}: ${formatShare(row.expectedShare)} of the limit` +
            `${row.quantile === null ? '' : ` (${formatShare(row.quantile)} quantile)`}${over ? `, ${formatPower(row.overKw)} over` : ''}.`}
      </span>
    </p>
  );
}

function Legend({
  hasWithout,
  method,
  hasOutlook,
}: {
  hasWithout: boolean;
  method: string | undefined;
  hasOutlook: boolean;
}) {
  return (
    <ul className="legend" aria-label="Legend">
      <li className="measured">load</li>
      <li className="limit">limit</li>
      <li className="median">expected, 50 % and 90 % of cases</li>
      <li className="excess">over the limit at 90 %</li>
      {hasOutlook ? <li className="median">week ahead, from the weeks before</li> : null}
      {hasWithout ? (
        <li className="without">without relief{method === 'simulated_twin' ? ' (simulated)' : ''}</li>
      ) : null}
    </ul>
  );
}

/** By what the forecast was made, and why not by the first choice. */
function ForecastOrigin({ forecast }: { forecast: Forecast | undefined }) {
  return forecast ? <p className="dim forecast-origin">{forecastWords(forecast)}</p> : null;
}

/** How fast the load will change from the newest reading on, or why that is not told. */
function Ramps({ forecast, zone }: { forecast: Forecast | undefined; zone: 'utc' | 'local' }) {
  if (!forecast) {
    return null;
  }
  const { ramp } = forecast;
  if (ramp.leads.length === 0) {
    return <p className="dim ramps">No ramp: {ramp.reason}</p>;
  }
  return (
    <dl
      className="ramps"
      aria-label="Expected change of the load in megawatts a minute, with the band of 80 % of cases"
    >
      <div>
        <dt>Ramp, MW/min</dt>
        <dd className="dim">from {formatClock(parseTime(ramp.origin), zone)}</dd>
      </div>
      {rampCells(forecast).map((cell) => (
        <div key={cell.lead}>
          <dt>{cell.lead}</dt>
          <dd>
            <b>{cell.median}</b> <span className="dim">{cell.band}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

interface ForecastRow {
  at: number;
  quantiles: Map<number, number>;
}

function ForecastTable({
  forecast,
  limitKw,
  zone,
}: {
  forecast: Forecast | undefined;
  limitKw: number | null;
  zone: 'utc' | 'local';
}) {
  const start = parseTime(forecast?.start);
  if (!forecast || start === null) {
    return <Notice title="No forecast of this phase yet" />;
  }
  const shown = [0.05, 0.5, 0.9, 0.95].filter((one) => forecast.quantiles.includes(one));
  const rows: ForecastRow[] = forecast.load_kw.map((row, index) => ({
    at: start + index * forecast.step_s * 1000,
    quantiles: new Map(forecast.quantiles.map((one, place) => [one, row[place] ?? Number.NaN])),
  }));
  const columns: Column<ForecastRow>[] = [
    { key: 'at', title: `From (${zoneName(start, zone)})`, cell: (row) => formatDayClock(row.at, zone) },
    { key: 'sp', title: 'Period', cell: (row) => formatPeriod(row.at) },
    ...shown.map(
      (one): Column<ForecastRow> => ({
        key: String(one),
        title: `${formatNumber(one * 100)} % kW`,
        number: true,
        cell: (row) => formatNumber(row.quantiles.get(one), 1),
      }),
    ),
    { key: 'limit', title: 'Limit kW', number: true, cell: () => formatNumber(limitKw, 1) },
  ];
  return (
    <Table
      caption="Expected load by settlement period"
      columns={columns}
      rows={rows}
      rowKey={(row) => formatClock(row.at) + row.at}
    />
  );
}
