import { useQuery } from '@tanstack/react-query';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { StatusMark } from '@/components/StatusMark';
import { type Column, Table } from '@/components/Table';
import { getJson } from '@/lib/api';
import { formatEnergy, formatNumber } from '@/lib/units';
import type { Diff, DiffLine, RiskLevel, Sums } from './model';
import { countsWords, levelMarks, levelWords, runName } from './wording';

interface Props {
  runId: string;
  otherId: string;
  onClose: () => void;
}

interface Row {
  what: string;
  of: (sums: Sums) => string;
}

const rows: Row[] = [
  { what: 'Risks', of: (sums) => countsWords(sums.risks) },
  { what: 'Highest loading', of: (sums) => `${formatNumber(sums.loading_percent_max, 1)} %` },
  { what: 'Energy over ratings', of: (sums) => formatEnergy(sums.energy_over_kwh) },
  { what: 'Without supply', of: (sums) => formatEnergy(sums.unserved_kwh) },
  { what: 'Energy of feeders', of: (sums) => formatEnergy(sums.energy_kwh) },
  { what: 'Hottest', of: (sums) => `${formatNumber(sums.temperature_max_c, 1)} °C` },
  { what: 'Rain', of: (sums) => `${formatNumber(sums.rain_mm)} mm` },
];

function Mark({ level }: { level: RiskLevel | '' }) {
  return level === '' ? <>–</> : <StatusMark level={levelMarks[level]} word={levelWords[level]} />;
}

const signed = (value: number) => `${value >= 0 ? '+' : '−'}${formatNumber(Math.abs(value), 1)}`;

const columns: Column<DiffLine>[] = [
  { key: 'asset', title: 'Asset', cell: (row) => row.name },
  { key: 'a', title: 'A, %', number: true, cell: (row) => formatNumber(row.loading_percent, 1) },
  { key: 'b', title: 'B, %', number: true, cell: (row) => formatNumber(row.other_loading_percent, 1) },
  { key: 'change', title: 'B − A', number: true, cell: (row) => signed(row.change_percent) },
  { key: 'level', title: 'Risk in A', cell: (row) => <Mark level={row.risk_level} /> },
  { key: 'other', title: 'Risk in B', cell: (row) => <Mark level={row.other_risk_level} /> },
];

/** Two runs side by side. */
export function DiffPanel({ runId, otherId, onClose }: Props) {
  const diff = useQuery({
    queryKey: ['scenario-diff', runId, otherId],
    queryFn: ({ signal }) => getJson<Diff>(`/api/v1/scenarios/runs/${runId}/diff/${otherId}`, {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const close = (
    <button type="button" onClick={onClose}>
      Close
    </button>
  );
  if (diff.isError) {
    return (
      <Panel title="Side by side" actions={close}>
        <Notice title="The runs cannot be compared">
          <p role="alert">{diff.error.message}</p>
        </Notice>
      </Panel>
    );
  }
  if (!diff.data) {
    return null;
  }
  const { data } = diff;
  return (
    <Panel title="Side by side" actions={close} className="scenario-diff">
      <div className="scenario-columns">
        <table className="table scenario-sums">
          <caption className="hidden-text">Sums of both runs</caption>
          <thead>
            <tr>
              <td />
              <th scope="col">
                A: {runName(data.run)} ({data.run.run_id})
              </th>
              <th scope="col">
                B: {runName(data.other)} ({data.other.run_id})
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.what}>
                <th scope="row">{row.what}</th>
                <td>{row.of(data.sums)}</td>
                <td>{row.of(data.other_sums)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <Table
          caption="Assets, largest change of loading first"
          columns={columns}
          rows={data.assets.slice(0, 100)}
          rowKey={(row) => row.asset_id}
        />
      </div>
    </Panel>
  );
}
