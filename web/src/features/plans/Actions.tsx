import { type Column, Table } from '@/components/Table';
import { formatClock, parseTime, type Zone } from '@/lib/time';
import { formatNumber, formatShare } from '@/lib/units';
import { classWords } from '@/lib/words';
import type { PlanAction, Refused, WholePlan } from './model';
import { limitWords } from './wording';

export function actionColumns(): Column<PlanAction>[] {
  return [
    { key: 'der', title: 'Resource', cell: (row) => row.der_id },
    {
      key: 'class',
      title: 'Class',
      cell: (row) => [classWords(row.der_class), row.means.replaceAll('_', ' ')].filter((one) => one !== '').join(', '),
    },
    { key: 'provider', title: 'Provider', cell: (row) => row.provider },
    {
      key: 'kw',
      title: 'kW, slot by slot',
      number: true,
      cell: (row) => row.kw.map((kw) => formatNumber(kw, 1)).join(' · '),
    },
    { key: 'price', title: '£/MWh', number: true, cell: (row) => formatNumber(row.price_gbp_per_mwh, 2) },
    { key: 'cost', title: 'Cost £', number: true, cell: (row) => formatNumber(row.cost_gbp, 2) },
    { key: 'relief', title: 'Relief kW', number: true, cell: (row) => formatNumber(row.relief_peak_kw, 1) },
    { key: 'reliability', title: 'Delivered before', number: true, cell: (row) => formatShare(row.reliability) },
    { key: 'why', title: 'Why', cell: (row) => <span className="plan-why">{row.reason}</span> },
  ];
}

const refusedColumns: Column<Refused>[] = [
  { key: 'der', title: 'Resource', cell: (row) => row.der_id || row.offer_id },
  { key: 'provider', title: 'Provider', cell: (row) => row.provider },
  { key: 'reason', title: 'Why not', cell: (row) => <span className="plan-why">{row.reason}</span> },
];

/** Who is asked for what at which price, who is not, and which limits bind. */
export function Actions({ plan, zone }: { plan: WholePlan; zone: Zone }) {
  const first = formatClock(parseTime(plan.start), zone);
  return (
    <>
      <section className="plan-section" aria-labelledby="plan-actions">
        <h2 id="plan-actions">
          Who is asked <span className="dim">slots from {first}</span>
        </h2>
        {plan.actions.length === 0 ? (
          <p className="dim">Nobody is asked.</p>
        ) : (
          <Table
            caption="Who is asked, at which price, and why"
            columns={actionColumns()}
            rows={plan.actions}
            rowKey={(row) => `${row.provider}/${row.offer_id}/${row.der_id}`}
          />
        )}
      </section>
      <div className="plan-columns">
        <section className="plan-section" aria-labelledby="plan-refused">
          <h2 id="plan-refused">
            Refused <span className="dim">{plan.refused.length}</span>
          </h2>
          {plan.refused.length === 0 ? (
            <p className="dim">No offer was refused.</p>
          ) : (
            <Table
              caption="Offers that are not used, and why"
              columns={refusedColumns}
              rows={plan.refused}
              rowKey={(row) => `${row.provider}/${row.offer_id}/${row.der_id}/${row.reason}`}
            />
          )}
        </section>
        <section className="plan-section" aria-labelledby="plan-binding">
          <h2 id="plan-binding">Limits it runs into</h2>
          {plan.binding.length === 0 ? <p className="dim">None.</p> : null}
          <ul className="plan-list">
            {plan.binding.map((one) => (
              <li key={`${one.limit}${one.subject}${one.detail}`}>
                <b>
                  {limitWords(one.limit)}{' '}
                  {parseTime(one.subject) ? formatClock(parseTime(one.subject), zone) : one.subject}
                </b>
                : {one.detail}
              </li>
            ))}
          </ul>
        </section>
      </div>
    </>
  );
}
