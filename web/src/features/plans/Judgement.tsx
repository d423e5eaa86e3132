import { useRef, useState } from 'react';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { idempotencyKey, Problem, postJson, roleAllows, type Session } from '@/lib/api';
import { formatWindow, parseTime, type Zone } from '@/lib/time';
import { formatCount, formatDuration, formatMoney, formatPower } from '@/lib/units';
import { refusalWords } from '@/lib/words';
import type { PlanAction, WholePlan } from './model';

interface Props {
  plan: WholePlan;
  session: Session;
  live: boolean;
  domainNow: number | null;
  zone: Zone;
  onDone: () => void;
}

type Verb = 'approve' | 'reject' | 'proposal';

/** What is judged, as it stands on the page: a newer plan is not covered by it. */
interface Judged {
  verb: Verb;
  sha256: string;
  actions: PlanAction[];
  cost: number;
  open: number;
}

const titles: Record<Verb, string> = {
  approve: 'Approve the plan',
  reject: 'Reject the plan',
  proposal: "Approve the co-pilot's proposal in the plan's stead",
};

function judged(plan: WholePlan, verb: Verb): Judged {
  const said = plan.copilot;
  return verb === 'proposal' && said
    ? {
        verb,
        sha256: said.proposal_sha256,
        actions: said.proposal_actions,
        cost: said.proposal_cost_gbp,
        open: said.proposal_shortfall_kw,
      }
    : { verb, sha256: plan.sha256, actions: plan.actions, cost: plan.cost_gbp, open: plan.shortfall_kw };
}

function providersOf(actions: PlanAction[]): string {
  return [...new Set(actions.map((action) => action.provider))].join(', ') || 'nobody';
}

function Preview({ plan, what, zone }: { plan: WholePlan; what: Judged; zone: Zone }) {
  const window = formatWindow(parseTime(plan.start), parseTime(plan.end), zone);
  const terms: [string, string][] =
    what.verb === 'reject'
      ? [
          ['Who is told', `nobody is ordered; ${providersOf(what.actions)} keep their offers`],
          ['What changes', `nothing on ${plan.feeder_id}: the event ends, the overload stays expected`],
        ]
      : [
          [
            'Who is told',
            `${providersOf(what.actions)}: orders are confirmed now, ${formatCount(new Set(what.actions.map((one) => one.der_id)).size, 'resource')} are instructed before the window`,
          ],
          ['Window', `${plan.feeder_id}, ${window}`],
          ['Cost', `${formatMoney(what.cost)} as planned; the statement follows the meters`],
          [
            'Still over',
            what.open > 0 ? `${formatPower(what.open)} stays uncovered` : 'nothing is expected to stay over',
          ],
        ];
  return (
    <dl className="plan-terms">
      {terms.map(([term, text]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{text}</dd>
        </div>
      ))}
      <div>
        <dt>Bound to</dt>
        <dd>
          <code data-bound-to>{what.sha256}</code>
        </dd>
      </div>
    </dl>
  );
}

/** Select, look at what will happen, give a reason, confirm: bound to the very hash that is shown. */
export function Judgement({ plan, session, live, domainNow, zone, onDone }: Props) {
  const [what, setWhat] = useState<Judged | null>(null);
  const [told, setTold] = useState('');
  const key = useRef('');
  if (plan.state !== 'proposed') {
    return null;
  }
  const may = roleAllows(session, 'approver');
  const hindrance = !live
    ? 'The server is not heard: nothing can be decided now.'
    : may
      ? ''
      : `Needs the role approver; yours is ${session.role ?? 'none'}.`;
  const expires = parseTime(plan.expires_at);
  const left = expires !== null && domainNow !== null ? (expires - domainNow) / 1000 : null;
  const open = (verb: Verb) => {
    key.current = idempotencyKey();
    setTold('');
    setWhat(judged(plan, verb));
  };
  const confirm = async (reason: string) => {
    if (!what) {
      return;
    }
    const verb = what.verb === 'reject' ? 'reject' : 'approve';
    try {
      await postJson(
        `/api/v1/plans/${encodeURIComponent(plan.plan_id)}/${verb}`,
        { sha256: what.sha256, reason },
        { key: key.current },
      );
    } catch (cause) {
      const problem = cause instanceof Problem ? cause : new Problem(0, '', '');
      if (problem.status !== 0) {
        key.current = idempotencyKey(); // refused: the next attempt is another write
      }
      throw new Error(refusalWords(problem.status, problem.detail));
    }
    setTold(verb === 'approve' ? 'Approved; the event goes on.' : 'Rejected; the event ends.');
    onDone();
  };
  return (
    <section className="plan-judgement" aria-label="Decide">
      <p className="plan-warning">
        <span aria-hidden="true">■</span> This plan waits for approval
        {left === null ? '' : left > 0 ? `; it expires in ${formatDuration(left)} of domain time` : '; it has expired'}.
      </p>
      <div className="plan-buttons">
        <button type="button" disabled={hindrance !== ''} onClick={() => open('approve')}>
          Approve…
        </button>
        <button type="button" disabled={hindrance !== ''} onClick={() => open('reject')}>
          Reject…
        </button>
        {plan.copilot?.may_be_approved ? (
          <button type="button" disabled={hindrance !== ''} onClick={() => open('proposal')}>
            Approve the proposal instead…
          </button>
        ) : null}
        {hindrance ? <span className="dim">{hindrance}</span> : null}
        {told ? <span role="status">{told}</span> : null}
      </div>
      {what ? (
        <ConfirmDialog
          title={titles[what.verb]}
          confirmWord={what.verb === 'reject' ? 'Confirm: reject' : 'Confirm: approve'}
          disabled={!live}
          onConfirm={confirm}
          onClose={() => setWhat(null)}
        >
          <Preview plan={plan} what={what} zone={zone} />
          {what.sha256 !== judged(plan, what.verb).sha256 ? (
            <p className="fault" role="alert">
              The plan has changed since this was opened. Go back and look at it again.
            </p>
          ) : null}
        </ConfirmDialog>
      ) : null}
    </section>
  );
}
