import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link } from 'wouter';
import { Notice } from '@/components/Notice';
import { getJson, type Problem, type Session } from '@/lib/api';
import { useLive } from '@/lib/live_store';
import { usePreferences } from '@/lib/preferences';
import { formatClockMs, formatDate, parseTime, type Zone } from '@/lib/time';
import { formatEnergy, formatMoney, formatNumber, formatPower, formatShare } from '@/lib/units';
import { Actions } from './Actions';
import { Alternatives } from './Alternatives';
import { Beside } from './Beside';
import { CopilotPanel } from './CopilotPanel';
import { Judgement } from './Judgement';
import type { WholePlan } from './model';
import { Risk } from './Risk';
import { armingWords, chipWords, constraintWords, headline, stateWords, statusWords } from './wording';
import './plans.css';

function Head({ plan, zone, simulated }: { plan: WholePlan; zone: Zone; simulated: boolean }) {
  const chip = chipWords(plan.copilot, plan.planner);
  return (
    <header className="plan-head">
      <p className="plan-kicker">
        <Link href="/plans">Plans</Link>
        <span className="plan-id">{plan.plan_id}</span>
        <span>{formatDate(parseTime(plan.start), zone)}</span>
        {simulated ? <span className="plan-chip">SIMULATED</span> : null}
        <span className={chip.tone === 'notice' ? 'plan-chip plan-chip-notice' : 'plan-chip'} data-copilot-chip>
          {chip.word}
        </span>
      </p>
      <h1>{headline(plan, zone)}</h1>
      <p>
        <b data-plan-state={plan.state}>
          {plan.state === 'authorised' && plan.approved_by ? 'authorised' : stateWords(plan.state)}
        </b>
        {plan.approved_by ? ` by ${plan.approved_by}` : ''}
        {plan.decision_reason ? `: ${plan.decision_reason}` : ''} · {statusWords(plan.status)} ·{' '}
        {plan.kind === 'asked' ? 'handed in' : plan.why}, made {formatClockMs(parseTime(plan.made_at), zone)} wall clock
      </p>
      <p className="dim">
        {plan.event_id ? (
          <>
            <Link href={`/events/${plan.event_id}`}>Open the event</Link> ·{' '}
            {plan.state === 'superseded' ? (
              <>
                <Link href={`/plans?event=${encodeURIComponent(plan.event_id)}`}>the plans after it</Link> ·{' '}
              </>
            ) : null}
          </>
        ) : null}
        <Link href={`/?feeder=${encodeURIComponent(plan.feeder_id)}`}>Open the feeder {plan.feeder_id}</Link> ·{' '}
        <Link href={`/plans?feeder=${encodeURIComponent(plan.feeder_id)}`}>all its plans</Link>
      </p>
    </header>
  );
}

function Fact({ term, text }: { term: string; text: string }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{text}</dd>
    </div>
  );
}

function Constraints({ plan, zone }: { plan: WholePlan; zone: Zone }) {
  return (
    <section className="plan-section" aria-labelledby="plan-constraints">
      <h2 id="plan-constraints">What it is for</h2>
      {plan.constraints.map((one) => (
        <div key={`${one.feeder_id}${one.start}`}>
          <p>
            {one.feeder_id} {one.phase} {constraintWords(one)}.
          </p>
          <dl className="plan-facts">
            {one.limit ? (
              <Fact term={`Limit (${one.limit.kind})`} text={`${formatNumber(one.limit.value, 1)} ${one.limit.unit}`} />
            ) : null}
            <Fact term="Need, peak" text={formatPower(one.peak_over_kw)} />
            <Fact term="Need, energy" text={formatEnergy(one.energy_over_kwh)} />
            <Fact term="Covered by this plan" text={formatShare(one.covered_share)} />
          </dl>
        </div>
      ))}
      <dl className="plan-facts">
        <Fact term="Cost" text={formatMoney(plan.cost_gbp)} />
        {plan.purchase_gbp !== null ? <Fact term="Of it bought" text={formatMoney(plan.purchase_gbp)} /> : null}
        <Fact term="No plan costs less than" text={formatMoney(plan.bound_gbp)} />
        {plan.carbon_kg !== null ? <Fact term="Carbon" text={`${formatNumber(plan.carbon_kg, 1)} kg`} /> : null}
      </dl>
      {plan.carbon_source ? <p className="dim">Carbon: {plan.carbon_source}.</p> : null}
      {plan.arming ? <p data-plan-arming={plan.arming.choice}>{armingWords(plan.arming, zone)}</p> : null}
    </section>
  );
}

function Story({ plan, session }: { plan: WholePlan; session: Session }) {
  const client = useQueryClient();
  const { zone } = usePreferences();
  const live = useLive((state) => state.live);
  const now = useLive((state) => state.status?.now ?? null);
  const simulated = useLive((state) => state.status?.mode.simulated ?? false);
  const onDone = () => void client.invalidateQueries({ queryKey: ['plan', plan.plan_id] });
  return (
    <article className="plan-page" data-plan-id={plan.plan_id}>
      <Head plan={plan} zone={zone} simulated={simulated && plan.kind === 'event'} />
      <Judgement plan={plan} session={session} live={live} domainNow={parseTime(now)} zone={zone} onDone={onDone} />
      <div className="plan-columns">
        <div>
          <Constraints plan={plan} zone={zone} />
          <section className="plan-section" aria-labelledby="plan-why">
            <h2 id="plan-why">Why this plan</h2>
            <ul className="plan-list">
              {plan.reasons.map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
          </section>
        </div>
        <Risk plan={plan} zone={zone} />
      </div>
      <Actions plan={plan} zone={zone} />
      <Alternatives plan={plan} />
      <CopilotPanel plan={plan} />
      <Beside plan={plan} />
      <p className="plan-fine">
        Rules {plan.rule_set || 'none'}; {formatNumber(plan.nodes_used)} units of work. SHA-256 of the plan{' '}
        <code>{plan.sha256}</code>
        {plan.seq > 0 ? `; audit entry ${plan.seq}` : ''}.
      </p>
    </article>
  );
}

/** One plan: what it is for, who is asked at what price and why, what it leaves open, and what else there was. */
export function PlanPage({ planId, session }: { planId: string; session: Session }) {
  const plan = useQuery<WholePlan, Problem>({
    queryKey: ['plan', planId],
    queryFn: ({ signal }) => getJson<WholePlan>(`/api/v1/plans/${encodeURIComponent(planId)}`, {}, signal),
    retry: false,
  });
  useEffect(() => {
    document.title = `Plan ${planId} · Headroom`;
    return () => {
      document.title = 'Headroom';
    };
  }, [planId]);
  if (plan.data) {
    return <Story key={planId} plan={plan.data} session={session} />;
  }
  if (plan.error) {
    return (
      <Notice title={plan.error.status === 404 ? 'There is no such plan' : 'The plan could not be read'}>
        <p role="alert">{plan.error.message}</p>
        <p>
          <Link href="/plans">All plans</Link>
        </p>
      </Notice>
    );
  }
  return <Notice title={`Reading plan ${planId}…`} />;
}
