import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link, useSearchParams } from 'wouter';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { type Column, Table } from '@/components/Table';
import { getJson } from '@/lib/api';
import { usePreferences } from '@/lib/preferences';
import { formatDayClock, formatWindow, parseTime } from '@/lib/time';
import { formatMoney, formatNumber } from '@/lib/units';
import type { PlanList, PlanSummary } from './model';
import { causeOfPlan, stateWords, statusWords } from './wording';
import './plans.css';

const shownMost = 100;

/** Every plan there is, newest first: of events, and handed in. What is looked for stands in the URL. */
export function PlansPage() {
  const [search, setSearch] = useSearchParams();
  const { zone } = usePreferences();
  const filter = {
    feeder: search.get('feeder'),
    state: search.get('state'),
    kind: search.get('kind'),
    event: search.get('event'),
  };
  const look = (name: keyof typeof filter, value: string) =>
    setSearch(
      (now) => {
        const next = new URLSearchParams(now);
        if (value) {
          next.set(name, value);
        } else {
          next.delete(name);
        }
        return next;
      },
      { replace: true },
    );
  const plans = useQuery({
    queryKey: ['plans', filter],
    queryFn: ({ signal }) => getJson<PlanList>('/api/v1/plans', { ...filter, limit: shownMost }, signal),
    placeholderData: (last) => last,
  });
  useEffect(() => {
    document.title = 'Plans · Headroom';
    return () => {
      document.title = 'Headroom';
    };
  }, []);

  const columns: Column<PlanSummary>[] = [
    {
      key: 'plan',
      title: 'Plan',
      cell: (row) => <Link href={`/plans/${encodeURIComponent(row.plan_id)}`}>{row.plan_id}</Link>,
    },
    { key: 'state', title: 'State', cell: (row) => stateWords(row.state) },
    { key: 'feeder', title: 'Feeder', cell: (row) => <span className="plans-id">{row.feeder_id}</span> },
    {
      key: 'window',
      title: 'Window',
      cell: (row) =>
        `${formatDayClock(parseTime(row.start), zone).split(' ').slice(0, -1).join(' ')} ${formatWindow(parseTime(row.start), parseTime(row.end), zone)}`.trim(),
    },
    { key: 'why', title: 'Made for', cell: (row) => causeOfPlan(row) },
    { key: 'asked', title: 'Asked', number: true, cell: (row) => row.actions.length },
    { key: 'cost', title: 'Cost', number: true, cell: (row) => formatMoney(row.cost_gbp) },
    { key: 'open', title: 'Open kW', number: true, cell: (row) => formatNumber(row.shortfall_kw, 1) },
    { key: 'status', title: 'Cover', cell: (row) => statusWords(row.status) },
    { key: 'planner', title: 'Planner', cell: (row) => row.planner },
  ];
  return (
    <div className="plans">
      <h1>Plans</h1>
      <form className="plans-filter" onSubmit={(submit) => submit.preventDefault()}>
        <label>
          Feeder
          <input value={filter.feeder ?? ''} onChange={(change) => look('feeder', change.target.value.trim())} />
        </label>
        <label>
          State
          <select value={filter.state ?? ''} onChange={(change) => look('state', change.target.value)}>
            <option value="">any</option>
            {['proposed', 'approved', 'authorised', 'rejected', 'superseded', 'expired', 'shadow', 'dry_run'].map(
              (one) => (
                <option key={one} value={one}>
                  {stateWords(one)}
                </option>
              ),
            )}
          </select>
        </label>
        <label>
          Made for
          <select value={filter.kind ?? ''} onChange={(change) => look('kind', change.target.value)}>
            <option value="">all</option>
            <option value="event">events</option>
            <option value="asked">needs that were handed in</option>
          </select>
        </label>
        {filter.event ? (
          <button type="button" onClick={() => look('event', '')}>
            Only {filter.event}: show all
          </button>
        ) : null}
      </form>
      <Panel title="Newest first" className="plans-list">
        {plans.isError && !plans.data ? (
          <Notice title="The plans could not be read">
            <p role="alert">{plans.error.message}</p>
          </Notice>
        ) : !plans.data ? (
          <Notice title="Reading…" />
        ) : plans.data.plans.length === 0 ? (
          <Notice title="There is no such plan">
            <p>A plan is made when a limit is, or is expected to be, exceeded, or when a need is handed in.</p>
          </Notice>
        ) : (
          <Table
            caption="Plans, newest first"
            columns={columns}
            rows={plans.data.plans}
            rowKey={(row) => row.plan_id}
          />
        )}
      </Panel>
      {plans.data?.next_cursor ? (
        <p className="dim">Older plans are not shown: narrow the list by feeder or state.</p>
      ) : null}
    </div>
  );
}
