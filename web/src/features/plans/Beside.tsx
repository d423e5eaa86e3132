import { type Column, Table } from '@/components/Table';
import { formatMoney, formatNumber } from '@/lib/units';
import type { Reserve, Rung, WholePlan } from './model';
import { RuleRefs } from './RuleRefs';

const reserveColumns: Column<Reserve>[] = [
  { key: 'fails', title: 'If it fails', cell: (row) => row.if_fails },
  { key: 'missing', title: 'Missing kW', number: true, cell: (row) => formatNumber(row.shortfall_kw, 1) },
  { key: 'who', title: 'Then', cell: (row) => <span className="plan-why">{row.stand_in.join(', ') || 'nobody'}</span> },
  { key: 'cost', title: 'For', number: true, cell: (row) => formatMoney(row.extra_cost_gbp) },
  { key: 'left', title: 'Still missing kW', number: true, cell: (row) => formatNumber(row.left_kw, 1) },
];

const outcomes: Readonly<Record<string, string>> = {
  taken: '● taken',
  recommended: '○ recommended: an authorised person does it',
  skipped: '– skipped',
};

const rungColumns: Column<Rung>[] = [
  { key: 'rung', title: 'Rung', number: true, cell: (row) => row.rung },
  { key: 'name', title: 'What is done', cell: (row) => row.name },
  { key: 'outcome', title: 'Outcome', cell: (row) => outcomes[row.outcome] ?? row.outcome },
  { key: 'reason', title: 'Why', cell: (row) => <span className="plan-why">{row.reason}</span> },
  { key: 'basis', title: 'Permitted by', cell: (row) => <span className="plan-why">{row.legal_basis}</span> },
];

/** Reserves, ladder, operator's rules and what the rulebooks say; what is not there is not shown. */
export function Beside({ plan }: { plan: WholePlan }) {
  return (
    <>
      {plan.reserve.length > 0 ? (
        <section className="plan-section" aria-labelledby="plan-reserve">
          <h2 id="plan-reserve">If one fails</h2>
          <Table
            caption="Who stands in when a resource fails"
            columns={reserveColumns}
            rows={plan.reserve}
            rowKey={(row) => row.if_fails}
          />
        </section>
      ) : null}
      {plan.ladder.length > 0 ? (
        <section className="plan-section" aria-labelledby="plan-ladder">
          <h2 id="plan-ladder">Emergency ladder</h2>
          <Table
            caption="Rungs of the emergency ladder, in order"
            columns={rungColumns}
            rows={plan.ladder}
            rowKey={(row) => `${row.rung}${row.name}`}
          />
        </section>
      ) : null}
      {plan.rules.length > 0 ? (
        <section className="plan-section" aria-labelledby="plan-rules">
          <h2 id="plan-rules">Operator's rules that took effect</h2>
          <ul className="plan-list">
            {plan.rules.map((one) => (
              <li key={`${one.rule}${one.der_id}${one.detail}`}>
                <b>{one.rule}</b> on {one.der_id || 'the plan'}: {one.detail}
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <RuleRefs refs={plan.rule_refs} />
    </>
  );
}
