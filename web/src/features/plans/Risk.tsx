import { useState } from 'react';
import { Chart } from '@/components/Chart';
import { type Column, Table } from '@/components/Table';
import { formatClock, type Zone } from '@/lib/time';
import { formatEnergy, formatNumber, formatPower, formatShare } from '@/lib/units';
import {
  type CoverRow,
  coverModel,
  coverRows,
  type FanRow,
  fanModel,
  fanRows,
  quantileName,
  quantilePlaces,
} from './fan';
import type { Fan, WholePlan } from './model';

const number = (value: number) => formatNumber(value, 1);

function fanColumns(fan: Fan, zone: Zone): Column<FanRow>[] {
  const { low, high, judged } = quantilePlaces(fan.quantiles);
  const name = (place: number, side: string) => `${quantileName(fan.quantiles[place])} ${side}`;
  return [
    { key: 'at', title: 'Half-hour', cell: (row) => formatClock(row.at, zone) },
    { key: 'a', title: name(low, 'without'), number: true, cell: (row) => number(row.withoutLow) },
    { key: 'b', title: name(judged, 'without'), number: true, cell: (row) => number(row.withoutJudged) },
    { key: 'c', title: name(high, 'without'), number: true, cell: (row) => number(row.withoutHigh) },
    { key: 'd', title: name(low, 'with'), number: true, cell: (row) => number(row.withLow) },
    { key: 'e', title: name(judged, 'with'), number: true, cell: (row) => number(row.withJudged) },
    { key: 'f', title: name(high, 'with'), number: true, cell: (row) => number(row.withHigh) },
  ];
}

function coverColumns(zone: Zone): Column<CoverRow>[] {
  return [
    { key: 'at', title: 'From', cell: (row) => formatClock(row.at, zone) },
    { key: 'need', title: 'Need kW', number: true, cell: (row) => number(row.need) },
    { key: 'relief', title: 'Planned relief kW', number: true, cell: (row) => number(row.relief) },
    { key: 'open', title: 'Open kW', number: true, cell: (row) => number(row.open) },
  ];
}

function Legend({ fan }: { fan: Fan }) {
  const { low, high, judged } = quantilePlaces(fan.quantiles);
  const band = `${quantileName(fan.quantiles[low])} to ${quantileName(fan.quantiles[high])}`;
  return (
    <p className="dim">
      Light: {band} without the plan; darker: with it. Dashed: {quantileName(fan.quantiles[judged])} without; drawn
      through: with. Level line: the limit, {formatPower(fan.limit_kw)}. Forecast: {fan.method || 'as it was judged'}.
    </p>
  );
}

/** Before and after, and what may still go wrong. */
export function Risk({ plan, zone }: { plan: WholePlan; zone: Zone }) {
  const [asTable, setAsTable] = useState(false);
  const { residual, fan } = plan;
  return (
    <section className="plan-section" aria-labelledby="plan-risk">
      <h2 id="plan-risk">
        Before and after
        <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          Table
        </button>
      </h2>
      {asTable ? (
        fan ? (
          <Table
            caption="Load without and with the plan, kW"
            columns={fanColumns(fan, zone)}
            rows={fanRows(fan)}
            rowKey={(row) => String(row.at)}
          />
        ) : (
          <Table
            caption="Need and planned relief, kW"
            columns={coverColumns(zone)}
            rows={coverRows(plan)}
            rowKey={(row) => String(row.at)}
          />
        )
      ) : (
        <div className="plan-chart">
          <Chart
            label={
              fan
                ? `Load of ${plan.feeder_id} without and with the plan against its limit; Table shows the same in numbers`
                : `Need on ${plan.feeder_id} and planned relief; Table shows the same in numbers`
            }
            model={fan ? fanModel(fan, plan) : coverModel(plan)}
            zone={zone}
          />
        </div>
      )}
      {fan ? <Legend fan={fan} /> : <p className="dim">Upper line: the need. Lower line: planned relief.</p>}
      <h3>What may still go wrong</h3>
      <dl className="plan-facts">
        {residual.probability_with !== null ? (
          <div>
            <dt>Limit exceeded</dt>
            <dd>
              {formatShare(residual.probability_with, 1)}{' '}
              <small>without {formatShare(residual.probability_without, 1)}</small>
            </dd>
          </div>
        ) : null}
        {residual.expected_over_with_kwh !== null ? (
          <div>
            <dt>Energy over it, expected</dt>
            <dd>
              {formatEnergy(residual.expected_over_with_kwh)}{' '}
              <small>without {formatEnergy(residual.expected_over_without_kwh)}</small>
            </dd>
          </div>
        ) : null}
        {residual.certainty !== null ? (
          <div>
            <dt>Whole need delivered</dt>
            <dd>{formatShare(residual.certainty, 1)}</dd>
          </div>
        ) : null}
        <div>
          <dt>Open if all deliver</dt>
          <dd>{formatPower(residual.shortfall_kw)}</dd>
        </div>
      </dl>
      <p className="dim">{residual.note}</p>
      {plan.would_help.length > 0 ? (
        <>
          <h3>What would have to give</h3>
          <ul className="plan-list">
            {plan.would_help.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </>
      ) : null}
    </section>
  );
}
