import { useQuery } from '@tanstack/react-query';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { StatusMark } from '@/components/StatusMark';
import { type Column, Table } from '@/components/Table';
import { getJson } from '@/lib/api';
import { formatDate, formatDayClock, parseTime } from '@/lib/time';
import { formatNumber, formatShare } from '@/lib/units';
import type { ForecastModel, Models } from './model';
import { learningWords, originWords, servingWords, wonWords } from './wording';
import './models.css';

const columns: Column<ForecastModel>[] = [
  {
    key: 'id',
    title: 'Model',
    cell: (row) => (
      <>
        <code>{row.model_id}</code> {row.serving ? <StatusMark level="normal" word="serves" /> : null}
      </>
    ),
  },
  { key: 'made', title: 'Made', cell: (row) => formatDayClock(parseTime(row.made_at), 'local') },
  { key: 'origin', title: 'How', cell: (row) => originWords(row.origin) },
  {
    key: 'data',
    title: 'Learnt from',
    cell: (row) => `${formatDate(parseTime(row.data_from))} – ${formatDate(parseTime(row.data_to))}`,
  },
  { key: 'series', title: 'Points', number: true, cell: (row) => formatNumber(row.series) },
  { key: 'won', title: 'On days it had not seen', cell: wonWords },
  {
    key: 'pinball',
    title: 'Pinball loss, spreads',
    number: true,
    cell: (row) => formatNumber(row.trial?.pinball, 4),
  },
  {
    key: 'p90',
    title: 'Loads at or below P90',
    number: true,
    cell: (row) => (row.trial ? formatShare(row.trial.p90_share, 1) : '–'),
  },
];

/** By what forecasts are made, since when, and how that was decided. */
export function ModelsPage() {
  const models = useQuery({
    queryKey: ['models'],
    queryFn: ({ signal }) => getJson<Models>('/api/v1/models', {}, signal),
    refetchInterval: 5_000,
  });
  if (models.isError && !models.data) {
    return (
      <Notice title="The forecast models could not be read">
        <p role="alert">{models.error.message}</p>
      </Notice>
    );
  }
  if (!models.data) {
    return <Notice title="Reading…" />;
  }
  const { data } = models;
  return (
    <div className="models">
      <h1>Forecast models</h1>
      <p className="models-serving">{servingWords(data)}.</p>
      <dl className="models-facts" aria-label="Learning">
        <div>
          <dt>Learning</dt>
          <dd>{learningWords(data)}</dd>
        </div>
        {data.outcome ? (
          <div>
            <dt>Last time{data.tried_at ? `, ${formatDayClock(parseTime(data.tried_at), 'local')}` : ''}</dt>
            <dd>{data.outcome}</dd>
          </div>
        ) : null}
      </dl>
      <Panel title="Kept models">
        {data.models.length === 0 ? (
          <Notice title="No model has been learnt or given yet" />
        ) : (
          <Table caption="Kept forecast models" columns={columns} rows={data.models} rowKey={(row) => row.model_id} />
        )}
      </Panel>
      <p className="dim">
        A challenger serves only when its forecasts of the newest days, which it has not seen, lose less than those of
        the model that serves. <code>headroom models promote</code> and <code>revert</code> let a person decide
        otherwise; every change is in the audit log.
      </p>
    </div>
  );
}
