import { Link } from 'wouter';
import { formatClock, formatClockMs, parseTime, type Zone } from '@/lib/time';
import { formatCount, formatMoney, formatNumber, formatPower, formatShare } from '@/lib/units';
import { alternativeWords, classWords } from '@/lib/words';
import type { Alternative, Plan, PlanAction } from './model';
import { type Column, Table } from './Table';
import { planStateWords } from './wording';

function alternativeColumns(plan: Plan): Column<Alternative>[] {
  return [
    {
      header: 'Alternative',
      head: true,
      cell: (row) => (
        <>
          {alternativeWords(row.name)}
          {row.name === plan.chosen ? <strong className="ev-chosen"> ✓ chosen</strong> : null}
        </>
      ),
    },
    { header: 'Cost', unit: '£', numeric: true, cell: (row) => formatNumber(row.cost_gbp, 2) },
    { header: 'Shortfall', unit: 'kW', numeric: true, cell: (row) => formatNumber(row.shortfall_kw, 1) },
    { header: 'Left over', unit: 'kWh', numeric: true, cell: (row) => formatNumber(row.shortfall_kwh, 1) },
    { header: 'Offers', numeric: true, cell: (row) => row.lines },
    { header: 'Note', cell: (row) => row.note },
  ];
}

const lineColumns: Column<PlanAction>[] = [
  { header: 'Device', head: true, cell: (row) => row.der_id },
  { header: 'Class', cell: (row) => classWords(row.der_class) },
  { header: 'Provider', cell: (row) => row.provider },
  { header: 'Phase', cell: (row) => row.phase },
  {
    header: 'Per half-hour',
    unit: 'kW',
    numeric: true,
    cell: (row) => row.kw.map((kw) => formatNumber(kw, 1)).join(' · '),
  },
  { header: 'Relief, peak', unit: 'kW', numeric: true, cell: (row) => formatNumber(row.relief_peak_kw, 1) },
  { header: 'Price', unit: '£/MWh', numeric: true, cell: (row) => formatNumber(row.price_gbp_per_mwh, 2) },
  { header: 'Cost', unit: '£', numeric: true, cell: (row) => formatNumber(row.cost_gbp, 2) },
  { header: 'Delivered before', numeric: true, cell: (row) => formatShare(row.reliability) },
];

function Lists({ plan }: { plan: Plan }) {
  return (
    <div className="ev-columns">
      <div>
        <h4>Why this plan</h4>
        <ul className="ev-list">
          {plan.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      </div>
      <div>
        <h4>Left out</h4>
        {plan.refused.length === 0 ? <p className="ev-none">No offer was left out.</p> : null}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
        <section className="ev-left-out" tabIndex={0} aria-label={`Offers that plan ${plan.round} left out`}>
          <ul className="ev-list">
            {plan.refused.map((offer) => (
              <li key={`${offer.offer_id}${offer.reason}`}>
                {offer.der_id || offer.offer_id}: {offer.reason}
              </li>
            ))}
          </ul>
        </section>
      </div>
    </div>
  );
}

function OnePlan({ plan, zone, isOpen }: { plan: Plan; zone: Zone; isOpen: boolean }) {
  const first = parseTime(plan.need[0]?.start);
  return (
    <details className="ev-details ev-plan" open={isOpen}>
      <summary>
        <span className="ev-plan-name">
          Plan {plan.round} · {planStateWords(plan.state)}
        </span>{' '}
        {alternativeWords(plan.chosen).toLowerCase()}, {formatCount(plan.actions.length, 'offer')},{' '}
        {formatMoney(plan.cost_gbp)}, shortfall {formatPower(plan.shortfall_kw)}
        <span className="ev-note">
          {' '}
          {plan.why}, made {formatClockMs(parseTime(plan.made_at), zone)} wall clock
        </span>
      </summary>
      <p>
        <Link href={`/plans/${encodeURIComponent(plan.plan_id)}`}>Open plan {plan.round}</Link>: before and after,
        residual risk, rulebooks, the co-pilot's word.
      </p>
      <Table
        caption={`Alternatives of plan ${plan.round}`}
        columns={alternativeColumns(plan)}
        rows={plan.alternatives}
        rowKey={(row) => row.name}
        rowClass={(row) => (row.name === plan.chosen ? 'ev-row-chosen' : undefined)}
      />
      <Lists plan={plan} />
      <Table
        caption={`Offers taken by plan ${plan.round}, half-hours from ${formatClock(first, zone)}`}
        columns={lineColumns}
        rows={plan.actions}
        rowKey={(row) => row.offer_id}
        empty="No offer was taken."
      />
      <p className="ev-fine">
        Rules {plan.rule_set}; {formatCount(plan.nodes_used, 'node')} searched; no cover can cost less than{' '}
        {formatMoney(plan.bound_gbp)}. SHA-256 of the plan <code>{plan.sha256}</code>
        {plan.approved_by ? `; ${planStateWords(plan.state)} by ${plan.approved_by}` : ''}
        {plan.decision_reason ? `: ${plan.decision_reason}` : ''}
      </p>
    </details>
  );
}

/** The newest plan first, for that is what is asked about; the others closed below it. */
export function Plans({ plans, zone }: { plans: Plan[]; zone: Zone }) {
  if (plans.length === 0) {
    return <p className="ev-none">No plan yet: providers are being asked.</p>;
  }
  const first = plans[0];
  return (
    <>
      {[...plans].reverse().map((plan) => (
        <OnePlan key={plan.plan_id} plan={plan} zone={zone} isOpen={plan === first || plan.state === 'proposed'} />
      ))}
    </>
  );
}
