import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Chart } from '@/components/Chart';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { StatusMark } from '@/components/StatusMark';
import { type Column, Table } from '@/components/Table';
import { getJson } from '@/lib/api';
import { usePreferences } from '@/lib/preferences';
import { formatDayClock, parseTime } from '@/lib/time';
import { formatEnergy, formatNumber, formatPower, formatShare } from '@/lib/units';
import type { Alternatives, Remedy, Risk, RunResult } from './model';
import {
  assetNames,
  countsWords,
  curveModel,
  eventWeatherWords,
  levelMarks,
  levelWords,
  remedyWords,
  runName,
  weatherWords,
} from './wording';

interface Props {
  result: RunResult;
  /** another run whose curve is laid over */
  otherId: string | null;
}

/** A run's curve of one asset, out of what came with the result or asked for. */
function useCurve(runId: string | null, result: RunResult | undefined, asset: string | null) {
  const known = result?.curves?.find((curve) => curve.asset_id === asset);
  const asked = useQuery({
    queryKey: ['scenario-curve', runId, asset],
    queryFn: ({ signal }) => getJson<RunResult>(`/api/v1/scenarios/runs/${runId}`, { assets: asset }, signal),
    enabled: runId !== null && asset !== null && known === undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return known ?? asked.data?.curves?.[0];
}

const remedyColumns: Column<Remedy>[] = [
  { key: 'remedy', title: 'When', cell: (row) => remedyWords[row.remedy] },
  {
    key: 'moves',
    title: 'Load moves to',
    cell: (row) => row.moves.map((move) => `${move.to} (${formatPower(move.peak_kw)})`).join(', ') || '–',
  },
  { key: 'dispatch', title: 'Dispatched', number: true, cell: (row) => formatPower(row.dispatch_kw) },
  { key: 'unserved', title: 'Without supply', number: true, cell: (row) => formatEnergy(row.unserved_kwh) },
  { key: 'over', title: 'Over ratings', number: true, cell: (row) => formatEnergy(row.energy_over_kwh) },
  { key: 'loading', title: 'Highest loading, %', number: true, cell: (row) => formatNumber(row.loading_percent, 1) },
];

function Remedies({ of }: { of: Alternatives }) {
  return (
    <section aria-label="What could be done">
      <h3 className="scenario-sub">{of.is_lost ? 'It is lost: what could be done' : 'What could be done'}</h3>
      <Table
        caption="Alternatives, side by side"
        columns={remedyColumns}
        rows={of.remedies}
        rowKey={(row) => row.remedy}
      />
    </section>
  );
}

/** What a run found: the risks, most severe first, and the loading of the one that is looked at. */
export function ResultPanel({ result, otherId }: Props) {
  const { zone } = usePreferences();
  const risks = result.risks ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const asset = chosen ?? risks[0]?.asset_id ?? null;
  const names = assetNames(result);
  const curve = useCurve(result.run.run_id, result, asset);
  const otherCurve = useCurve(otherId, undefined, asset);
  const nameOf = (id: string) => names.get(id)?.name ?? id;
  const columns: Column<Risk>[] = [
    {
      key: 'level',
      title: 'Risk',
      cell: (row) => <StatusMark level={levelMarks[row.risk_level]} word={levelWords[row.risk_level]} />,
    },
    {
      key: 'asset',
      title: 'Asset',
      cell: (row) => (
        <button type="button" className="scenario-asset" onClick={() => setChosen(row.asset_id)}>
          {nameOf(row.asset_id)}
        </button>
      ),
    },
    { key: 'loading', title: 'Loading, %', number: true, cell: (row) => formatNumber(row.loading_percent, 1) },
    { key: 'peak', title: 'Peak', number: true, cell: (row) => formatPower(row.projected_peak_kw) },
    { key: 'at', title: 'At', cell: (row) => formatDayClock(parseTime(row.peak_time), zone) },
    { key: 'over', title: 'Over, h', number: true, cell: (row) => formatNumber(row.over_hours, 1) },
    {
      key: 'outage',
      title: 'Outage',
      number: true,
      cell: (row) => (row.outage_probability > 0 ? formatShare(row.outage_probability) : '–'),
    },
  ];
  const risk = risks.find((one) => one.asset_id === asset);
  const outcome = result.outcomes?.find((one) => one.asset_id === asset);
  const alternatives = result.alternatives?.find((one) => one.asset_id === asset);
  const isIllustrative = (result.assets ?? []).some((one) => one.illustrative);
  return (
    <Panel
      title={`${runName(result.run)} (${result.run.run_id}): ${countsWords(result.run.risks)}`}
      className="scenario-result"
    >
      <div className="scenario-facts">
        {result.hypothetical ? (
          <p>
            <b>Hypothetical.</b> {result.hypothetical_reason}
          </p>
        ) : null}
        {isIllustrative ? (
          <p>
            <b>Illustrative assets.</b> {(result.assets ?? []).find((one) => one.illustrative)?.source}
          </p>
        ) : null}
        <p className="dim">
          {eventWeatherWords(result.weather)}; weather before the event from{' '}
          {weatherWords(result.weather_sources ?? [])}
        </p>
      </div>
      {risks.length === 0 ? (
        <Notice title="Nothing is at risk" />
      ) : (
        <div className="scenario-columns">
          <Table
            caption="Risks, most severe first"
            columns={columns}
            rows={risks}
            rowKey={(row) => row.asset_id}
            selected={asset}
            onSelect={(row) => setChosen(row.asset_id)}
          />
          <div className="scenario-asset-panel">
            {asset ? <h3 className="scenario-sub">{nameOf(asset)}</h3> : null}
            <div className="scenario-chart">
              {curve ? (
                <Chart
                  label={`Loading of ${nameOf(curve.asset_id)} against its rating`}
                  model={curveModel(curve, otherCurve)}
                  zone={zone}
                />
              ) : (
                <Notice title="Reading…" />
              )}
            </div>
            {risk ? (
              <>
                <p>{risk.reason}</p>
                <p>{risk.expected_impact}</p>
              </>
            ) : null}
            {outcome && !risk ? (
              <p className="dim">
                {formatNumber(outcome.loading_low_percent, 1)} to {formatNumber(outcome.loading_high_percent, 1)} %
                between the 10th and 90th percentile
              </p>
            ) : null}
            {outcome && outcome.hot_spot_max_c > 0 ? (
              <p className="dim">
                {`Hot spot ${formatNumber(outcome.hot_spot_max_c)} °C, ${formatNumber(outcome.loss_of_life_hours, 1)} h of life`}
              </p>
            ) : null}
            {alternatives ? <Remedies of={alternatives} /> : null}
          </div>
        </div>
      )}
    </Panel>
  );
}
