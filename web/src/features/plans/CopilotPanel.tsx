import { Table } from '@/components/Table';
import { formatLatency, formatMoney, formatPower } from '@/lib/units';
import { actionColumns } from './Actions';
import type { WholePlan } from './model';
import { chipWords, verdictWords } from './wording';

/** What a language model said beside the plan, and what the guards said of that. Its words are shown as they are. */
export function CopilotPanel({ plan }: { plan: WholePlan }) {
  const said = plan.copilot;
  return (
    <section className="plan-section" aria-labelledby="plan-copilot">
      <h2 id="plan-copilot">Co-pilot</h2>
      <p>{chipWords(said, plan.planner).word}.</p>
      {said ? (
        <>
          <p>
            {verdictWords(said.verdict)}
            {said.guard ? `; refused by the guard of ${said.guard}` : ''}.{' '}
            {said.model ? `${said.model} answered in ` : 'After '}
            {formatLatency(said.latency_ms)}, beside the plan, which did not wait for it.
          </p>
          {said.violations.length > 0 ? (
            <ul className="plan-list">
              {said.violations.map((one) => (
                <li key={one}>{one}</li>
              ))}
            </ul>
          ) : null}
          {said.summary ? (
            <blockquote className="plan-quote">
              <p>{said.summary}</p>
              {said.justification ? <p>{said.justification}</p> : null}
              <footer>Written by the model; its figures are the data's.</footer>
            </blockquote>
          ) : null}
          {said.verdict === 'accepted' ? (
            <>
              <p>
                The proposal: {formatMoney(said.proposal_cost_gbp)} (this plan {formatMoney(plan.cost_gbp)}),{' '}
                {formatPower(said.proposal_shortfall_kw)} open (this plan {formatPower(plan.shortfall_kw)}).{' '}
                {said.may_be_approved
                  ? 'It is used only if a person approves it in the plan’s stead, while the plan waits.'
                  : 'It was not used: a proposal counts only while its plan waits for a person’s approval.'}
              </p>
              <Table
                caption="Who would be asked by the proposal"
                columns={actionColumns()}
                rows={said.proposal_actions}
                rowKey={(row) => `${row.provider}/${row.offer_id}/${row.der_id}`}
              />
            </>
          ) : null}
          <p className="plan-fine">
            Audit entry {said.seq}
            {said.exchanges.length > 0 ? `; exchanges ${said.exchanges.join(', ')}` : ''}
            {said.proposal_sha256 ? (
              <>
                ; SHA-256 of the proposal <code>{said.proposal_sha256}</code>
              </>
            ) : null}
            .
          </p>
        </>
      ) : null}
    </section>
  );
}
