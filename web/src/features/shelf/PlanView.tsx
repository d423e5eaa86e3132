import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { StatusMark } from '@/components/StatusMark';
import { type Column, Table } from '@/components/Table';
import { getJson, postJson, roleAllows, type Session } from '@/lib/api';
import { formatDayClock, parseTime } from '@/lib/time';
import { formatEnergy, formatPower, formatShare } from '@/lib/units';
import { LoadBars } from './LoadBars';
import type { ContingencyPlan, Receiver } from './model';
import { coverLevels, coverWords, minutesWords, orderWords, pathwayName, switchingWords, usedWords } from './wording';

function limitsOf(row: Receiver): string {
  return row.limits
    .map((limit) => {
      const reach = limit.reached_after_minutes === null ? 'not reached' : minutesWords(limit.reached_after_minutes);
      const allowed = limit.allowed_minutes > 0 ? ` for ${limit.allowed_minutes} min` : '';
      return `${limit.kind} ${formatPower(limit.limit_kw)}${allowed}: ${reach}`;
    })
    .join('; ');
}

const receiverColumns: Column<Receiver>[] = [
  {
    key: 'element',
    title: 'Carries more',
    cell: (row) => (
      <>
        <code>{row.element_id}</code> {row.phase}
      </>
    ),
  },
  { key: 'load', title: 'Next 6 h', cell: (row) => <LoadBars receiver={row} /> },
  { key: 'peak', title: 'Peak after', number: true, cell: (row) => formatPower(Math.max(...row.after_kw)) },
  { key: 'loading', title: 'Of its limit', number: true, cell: (row) => formatShare(row.peak_loading) },
  { key: 'time', title: 'Limit reached', cell: (row) => minutesWords(row.time_to_limit_minutes) },
  { key: 'act', title: 'Act within', cell: (row) => minutesWords(row.time_to_act_minutes) },
  { key: 'need', title: 'Needs', number: true, cell: (row) => formatPower(Math.max(...row.need_kw)) },
  { key: 'limits', title: 'Limits', cell: limitsOf },
];

/** The plan for the loss of one element: switching, receivers, orders, and the ways to choose from when in doubt. */
export function PlanView({ element, session }: { element: string; session: Session }) {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const plan = useQuery({
    queryKey: ['contingency', element],
    queryFn: ({ signal }) =>
      getJson<ContingencyPlan>(`/api/v1/contingencies/${encodeURIComponent(element)}`, {}, signal),
    refetchInterval: 15_000,
  });
  if (plan.isError && !plan.data) {
    return (
      <Notice title={`The plan for ${element} could not be read`}>
        <p role="alert">{plan.error.message}</p>
      </Notice>
    );
  }
  if (!plan.data) {
    return <Notice title="Reading…" />;
  }
  const { summary, switching, receivers, orders, unused, doubts, pathways, used } = plan.data;
  const waits = used?.carried_out === 'propose';
  return (
    <Panel
      className="shelf-plan"
      padded
      title={
        <>
          Loss of <code>{summary.element_id}</code> {summary.name}{' '}
          <StatusMark level={coverLevels[summary.cover]} word={coverWords[summary.cover]} />
        </>
      }
      actions={
        waits ? (
          <button type="button" disabled={!roleAllows(session, 'operator')} onClick={() => setAsking(true)}>
            Carry out…
          </button>
        ) : null
      }
    >
      <p className="shelf-reason">{summary.reason}.</p>
      {used ? (
        <p className={waits ? 'shelf-used p1' : 'shelf-used'} role="status">
          Lost at {formatDayClock(parseTime(used.at), 'local')} ({used.state}, {used.source}). {usedWords(used)}
        </p>
      ) : null}
      {doubts.length > 0 ? (
        <section aria-label="Outside of its experience" className="shelf-doubts">
          <h3>
            <StatusMark level="tight" word="Outside of what is known well: a person decides" />
          </h3>
          <ul>
            {doubts.map((doubt) => (
              <li key={doubt.doubt + doubt.detail}>{doubt.detail}</li>
            ))}
          </ul>
          <div className="shelf-pathways">
            {pathways.map((way) => (
              <article key={way.name}>
                <h4>{pathwayName(way.name)}</h4>
                <p>
                  {formatPower(way.restored_kw)} supplied again, {formatEnergy(way.unserved_kwh)} not served,{' '}
                  {formatPower(way.flexibility_kw)} of relief
                  {way.closes.length > 0 ? `; closes ${way.closes.join(', ')}` : ''}
                </p>
                <ul aria-label="Assumes">
                  {way.assumes.map((text) => (
                    <li key={text}>{text}</li>
                  ))}
                </ul>
              </article>
            ))}
          </div>
        </section>
      ) : null}
      {receivers.length > 0 ? (
        <Table
          caption={`Who carries more when ${summary.element_id} is lost`}
          columns={receiverColumns}
          rows={receivers}
          rowKey={(row) => row.element_id}
        />
      ) : null}
      <div className="shelf-lists">
        <section>
          <h3>Switching, recommended</h3>
          <ul className="shelf-switching">
            {switching.map((one) => (
              <li key={one.tie_id}>
                <code>{one.tie_id}</code> {one.from} → {one.to}: {formatPower(one.peak_kw)} of{' '}
                {formatPower(one.rating_kw)}, {switchingWords(one)}
              </li>
            ))}
            {unused.map((one) => (
              <li key={one.tie_id} className="dim">
                <code>{one.tie_id}</code> not: {one.reason}
              </li>
            ))}
          </ul>
          {switching.length + unused.length === 0 ? <p className="dim">No tie leads from here.</p> : null}
        </section>
        <section>
          <h3>Orders, ready</h3>
          <ul className="shelf-orders">
            {orders.map((one) => (
              <li key={one.feeder_id + one.phase + (one.event_id ?? '')} title={one.authority_reason}>
                <code>{one.feeder_id}</code> {one.phase}: {orderWords(one)}
              </li>
            ))}
          </ul>
          {orders.length === 0 ? <p className="dim">No relief is needed.</p> : null}
        </section>
      </div>
      {asking ? (
        <ConfirmDialog
          title={`Carry out the orders for the loss of ${summary.element_id}`}
          confirmWord="Carry out"
          onClose={() => setAsking(false)}
          onConfirm={async (reason) => {
            await postJson(`/api/v1/contingencies/${encodeURIComponent(element)}/carry-out`, { reason });
            await queries.invalidateQueries({ queryKey: ['contingency', element] });
          }}
        >
          <p>The orders that were ready are begun as forecast. Switching is for your own system.</p>
        </ConfirmDialog>
      ) : null}
    </Panel>
  );
}
