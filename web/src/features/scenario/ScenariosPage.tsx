import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { type Column, Table } from '@/components/Table';
import { getJson, postJson, roleAllows, type Session } from '@/lib/api';
import { useLive } from '@/lib/live_store';
import { formatDayClock, parseTime } from '@/lib/time';
import { formatCount, formatLatency } from '@/lib/units';
import { DiffPanel } from './DiffPanel';
import type { Draft, Run, RunResult, Scenarios } from './model';
import { ResultPanel } from './ResultPanel';
import { ScenarioForm } from './ScenarioForm';
import { bodyOf, eventWord, isOver, runName, stateWords } from './wording';
import './scenario.css';

const whileBusyMs = 400;

/** What would happen: ask, watch the run, look at what is at risk, set two runs side by side. */
export function ScenariosPage({ session }: { session: Session }) {
  const queries = useQueryClient();
  const live = useLive((state) => state.live);
  const [search, setSearch] = useSearchParams();
  const runId = search.get('run');
  const otherId = search.get('other');
  const look = (change: { run?: string | null; other?: string | null }) =>
    setSearch(
      (now) => {
        const next = new URLSearchParams(now);
        for (const [name, value] of Object.entries(change)) {
          if (value) {
            next.set(name, value);
          } else {
            next.delete(name);
          }
        }
        return next;
      },
      { replace: true },
    );
  const listed = useQuery({
    queryKey: ['scenarios'],
    queryFn: ({ signal }) => getJson<Scenarios>('/api/v1/scenarios', {}, signal),
    staleTime: 60_000,
  });
  const runs = useQuery({
    queryKey: ['scenario-runs'],
    queryFn: ({ signal }) => getJson<{ runs: Run[] }>('/api/v1/scenarios/runs', { limit: 100 }, signal),
    refetchInterval: (query) => (query.state.data?.runs.every(isOver) === false ? whileBusyMs : false),
  });
  const known = runs.data?.runs ?? [];
  const listedRun = known.find((run) => run.run_id === runId);
  const result = useQuery({
    queryKey: ['scenario-result', runId],
    queryFn: ({ signal }) => getJson<RunResult>(`/api/v1/scenarios/runs/${runId}`, {}, signal),
    enabled: runId !== null && listedRun?.state === 'done',
    staleTime: Number.POSITIVE_INFINITY,
  });
  const hindrance = !live
    ? 'The connection is lost: nothing can be run.'
    : roleAllows(session, 'operator')
      ? ''
      : 'Runs are for operators.';

  const start = async (draft: Draft, title: string) => {
    const run = await postJson<Run>('/api/v1/scenarios/runs', bodyOf(draft, title));
    await queries.invalidateQueries({ queryKey: ['scenario-runs'] });
    look({ run: run?.run_id ?? null, other: null });
  };
  const stop = async (run: Run) => {
    await postJson(`/api/v1/scenarios/runs/${run.run_id}`, {}, { method: 'DELETE' });
    if (isOver(run) && (run.run_id === runId || run.run_id === otherId)) {
      look(run.run_id === runId ? { run: null, other: null } : { other: null });
    }
    await queries.invalidateQueries({ queryKey: ['scenario-runs'] });
  };

  if (listed.isError && !listed.data) {
    return (
      <Notice title="The scenarios could not be read">
        <p role="alert">{listed.error.message}</p>
      </Notice>
    );
  }
  if (!listed.data) {
    return <Notice title="Reading…" />;
  }
  const columns: Column<Run>[] = [
    {
      key: 'name',
      title: 'Run',
      cell: (row) => (
        <>
          <button type="button" className="scenario-asset" onClick={() => look({ run: row.run_id })}>
            {runName(row)}
          </button>{' '}
          <span className="dim">{row.run_id}</span>
        </>
      ),
    },
    { key: 'event', title: 'What happens', cell: (row) => eventWord(row.event) },
    { key: 'start', title: 'From', cell: (row) => `${formatDayClock(parseTime(row.start))}, ${row.hours} h` },
    { key: 'place', title: 'Place', cell: (row) => `${row.place}, ${formatCount(row.assets, 'asset')}` },
    { key: 'seed', title: 'Seed', number: true, cell: (row) => row.seed },
    {
      key: 'state',
      title: 'Found',
      cell: (row) => (
        <>
          {isOver(row) ? null : <progress value={row.done} max={1} aria-label={`Progress of ${runName(row)}`} />}{' '}
          {stateWords(row)}
        </>
      ),
    },
    { key: 'time', title: 'Took', number: true, cell: (row) => formatLatency(row.elapsed_ms) },
    {
      key: 'acts',
      title: <span className="hidden-text">Act</span>,
      cell: (row) => (
        <span className="scenario-acts">
          {row.state === 'done' && runId !== null && row.run_id !== runId ? (
            <button
              type="button"
              aria-label={`Compare with ${runName(row)} (${row.run_id})`}
              onClick={() => look({ other: row.run_id })}
            >
              Compare
            </button>
          ) : null}
          <button
            type="button"
            disabled={hindrance !== ''}
            aria-label={`${isOver(row) ? 'Remove' : 'Stop'} ${runName(row)} (${row.run_id})`}
            onClick={() => stop(row)}
          >
            {isOver(row) ? 'Remove' : 'Stop'}
          </button>
        </span>
      ),
    },
  ];
  return (
    <div className="scenario">
      <h1>Scenarios</h1>
      <div className="scenario-top">
        <Panel title="What if" padded>
          <ScenarioForm listed={listed.data} hindrance={hindrance} onRun={start} />
        </Panel>
        <div className="scenario-right">
          <Panel title="Runs" className="scenario-runs">
            {known.length === 0 ? (
              <Notice title="Nothing has been run yet">
                <p>Choose a scenario, change what is asked, and run it.</p>
              </Notice>
            ) : (
              <Table
                caption="Runs, newest first"
                columns={columns}
                rows={known}
                rowKey={(row) => row.run_id}
                selected={runId}
                onSelect={(row) => look({ run: row.run_id })}
              />
            )}
          </Panel>
          {runId && otherId && runId !== otherId ? (
            <DiffPanel runId={runId} otherId={otherId} onClose={() => look({ other: null })} />
          ) : null}
          {result.isError && runId ? (
            <Panel title={runId}>
              <Notice title="The run could not be read">
                <p role="alert">{result.error.message}</p>
              </Notice>
            </Panel>
          ) : null}
          {result.data?.risks ? (
            <ResultPanel key={result.data.run.run_id} result={result.data} otherId={otherId} />
          ) : null}
        </div>
      </div>
    </div>
  );
}
