import { useQuery } from '@tanstack/react-query';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { getJson } from '@/lib/api';
import { formatClock, parseTime } from '@/lib/time';
import { formatCount, formatShare } from '@/lib/units';
import { FeedsPanel } from './FeedsPanel';
import { FindingsPanel } from './FindingsPanel';
import type { DataQuality } from './model';
import { BalanceTable, ExampleTable, LinkTable, SourceTable } from './tables';
import { freshShare } from './wording';
import './quality.css';

/** Who sends readings, what of them cannot be used, and which feeders are not seen as they should be. */
export function QualityPage() {
  const quality = useQuery({
    queryKey: ['data-quality'],
    queryFn: ({ signal }) => getJson<DataQuality>('/api/v1/data-quality', {}, signal),
    refetchInterval: 5_000,
  });
  if (quality.isError && !quality.data) {
    return (
      <Notice title="The quality of the data could not be read">
        <p role="alert">{quality.error.message}</p>
      </Notice>
    );
  }
  if (!quality.data) {
    return <Notice title="Reading…" />;
  }
  const { data } = quality;
  const examples = data.sources.flatMap((source) =>
    source.examples.map((example) => ({ ...example, source: source.source })),
  );
  return (
    <div className="quality">
      <h1>Data quality</h1>
      <CoverageFacts data={data} />
      <Panel title="Sources" className="quality-sources">
        <SourceTable rows={data.sources} />
      </Panel>
      {data.links.length > 0 ? (
        <Panel title="Connections to stations">
          <LinkTable rows={data.links} />
        </Panel>
      ) : null}
      <FeedsPanel />
      <FindingsPanel counts={data.findings} forgotten={data.findings_forgotten} />
      <Panel
        title={
          data.balances_total > data.balances.length
            ? `Busbar − sum of its feeders, ${data.balances.length} of ${data.balances_total}`
            : 'Busbar − sum of its feeders'
        }
      >
        <BalanceTable rows={data.balances} />
      </Panel>
      <Panel title="Kept out: newest examples">
        <ExampleTable rows={examples} />
      </Panel>
    </div>
  );
}

/** How far the feeders are seen at all. */
function CoverageFacts({ data }: { data: DataQuality }) {
  const { coverage } = data;
  const share = freshShare(coverage);
  return (
    <dl className="quality-facts" aria-label="Coverage">
      <div>
        <dt>Feeders with fresh readings</dt>
        <dd>
          {share === null ? 'being counted' : `${formatShare(share, share > 0.99 && share < 1 ? 2 : 0)}`}
          {share === null ? null : (
            <span className="dim">
              {' '}
              {coverage.fresh} of {coverage.feeders}
            </span>
          )}
        </dd>
      </div>
      <div>
        <dt>Fell silent</dt>
        <dd className={coverage.stale > 0 ? 'p1' : ''}>{formatCount(coverage.stale, 'feeder')}</dd>
      </div>
      <div>
        <dt>Never heard</dt>
        <dd>{formatCount(coverage.silent, 'feeder')}</dd>
      </div>
      <div>
        <dt>Phases with fresh readings</dt>
        <dd>
          {coverage.points_fresh} <span className="dim">of {coverage.points}</span>
        </dd>
      </div>
      <div>
        <dt>As of</dt>
        <dd>{formatClock(parseTime(data.as_of), 'local', true)}</dd>
      </div>
    </dl>
  );
}
