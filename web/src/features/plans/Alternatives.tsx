import type { ReactNode } from 'react';
import { formatEnergy, formatMoney, formatNumber, formatPower, formatShare, missing } from '@/lib/units';
import { alternativeWords } from '@/lib/words';
import type { Alternative, WholePlan } from './model';

interface Row {
  name: string;
  cell: (one: Alternative) => ReactNode;
  /** left out where nothing is known of it for any alternative */
  known: (one: Alternative) => boolean;
}

const rows: Row[] = [
  { name: 'Cost', cell: (one) => formatMoney(one.cost_gbp), known: () => true },
  { name: 'Of it bought', cell: (one) => formatMoney(one.purchase_gbp), known: (one) => one.purchase_gbp !== null },
  { name: 'Open, peak', cell: (one) => formatPower(one.shortfall_kw), known: (one) => one.shortfall_kw !== null },
  { name: 'Open, energy', cell: (one) => formatEnergy(one.shortfall_kwh), known: (one) => one.shortfall_kwh !== null },
  {
    name: 'Limit exceeded',
    cell: (one) => formatShare(one.probability_over, 1),
    known: (one) => one.probability_over !== null,
  },
  {
    name: 'Ageing',
    cell: (one) => formatMoney(one.loss_of_life_gbp),
    known: (one) => one.loss_of_life_gbp !== null,
  },
  {
    name: 'Whole need delivered',
    cell: (one) => formatShare(one.certainty, 1),
    known: (one) => one.certainty !== null,
  },
  {
    name: 'Carbon',
    cell: (one) => (one.carbon_kg === null ? missing : `${formatNumber(one.carbon_kg, 1)} kg`),
    known: (one) => one.carbon_kg !== null,
  },
  { name: 'Asked', cell: (one) => one.lines, known: () => true },
  {
    name: 'Who',
    cell: (one) => <span className="plan-why">{whoWords(one.der_ids)}</span>,
    known: (one) => one.der_ids.length > 0,
  },
  { name: 'Note', cell: (one) => <span className="plan-why">{one.note}</span>, known: (one) => one.note !== '' },
];

const namedMost = 8;

export function whoWords(ids: string[]): string {
  if (ids.length === 0) {
    return missing;
  }
  const rest = ids.length - namedMost;
  return ids.slice(0, namedMost).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

/** Side by side, the one that was taken marked by a word. */
export function Alternatives({ plan }: { plan: WholePlan }) {
  if (plan.alternatives.length === 0) {
    return null;
  }
  const shown = rows.filter((row) => plan.alternatives.some(row.known));
  return (
    <section className="plan-section" aria-labelledby="plan-alternatives">
      <h2 id="plan-alternatives">Side by side</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="table-scroll" tabIndex={0} aria-label="Alternatives side by side">
        <table className="table plan-side">
          <caption className="hidden-text">Alternatives side by side</caption>
          <thead>
            <tr>
              <th scope="col">
                <span className="hidden-text">Figure</span>
              </th>
              {plan.alternatives.map((one) => (
                <th key={one.name} scope="col" className={one.name === plan.chosen ? 'plan-chosen' : undefined}>
                  {alternativeWords(one.name)}
                  {one.name === plan.chosen ? ' ✓ taken' : ''}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.name}>
                <th scope="row">{row.name}</th>
                {plan.alternatives.map((one) => (
                  <td key={one.name} className={one.name === plan.chosen ? 'plan-chosen' : undefined}>
                    {row.cell(one)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
