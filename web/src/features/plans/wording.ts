/** Names of plans and verdicts in an operator's words; a name that is not known here is shown as it is. */

import { formatDayClock, formatWindow, parseTime, type Zone, zoneName } from '@/lib/time';
import { formatCount, formatDuration, formatMoney, formatPower, formatShare } from '@/lib/units';
import { plainWords } from '@/lib/words';
import type { Arming, Constraint, Copilot, PlanSummary } from './model';

const states: Readonly<Record<string, string>> = {
  proposed: 'waits for approval',
  approved: 'approved',
  rejected: 'rejected',
  authorised: 'authorised by an envelope',
  superseded: 'superseded by a newer plan',
  expired: 'expired',
  shadow: 'shadow: not carried out',
  dry_run: 'handed in: buys nothing',
};

const statuses: Readonly<Record<string, string>> = {
  optimal: 'optimal: no plan costs less',
  feasible: 'covers the need',
  partial: 'covers a part of the need',
};

const verdicts: Readonly<Record<string, string>> = {
  accepted: 'every guard let the proposal pass',
  llm_timeout: 'the model was too slow',
  llm_schema: 'the answer was no proposal',
  llm_infeasible: 'the proposal breaks a limit',
  llm_worse: 'the proposal is no better',
  llm_breaker_open: 'the model has failed too often of late',
  llm_disabled: 'no model may be asked',
  llm_unavailable: 'the model could not be reached',
  llm_budget: "the day's tokens are used up",
};

const causes: Readonly<Record<string, string>> = {
  live: 'measured',
  forecast: 'forecast',
  person: 'asked for by a person',
  asked: 'handed in',
};

const limits: Readonly<Record<string, string>> = {
  need: 'The need',
  power: 'Power of',
  energy: 'Energy of',
  activations: 'Starts of',
  supply: 'Supply at',
  cost: 'Cost of',
};

export const stateWords = (name: string) => states[name] ?? name;
export const statusWords = (name: string) => statuses[name] ?? name;
export const verdictWords = (name: string) => verdicts[name] ?? name;
export const causeWords = (name: string) => causes[name] ?? name;
export const limitWords = (name: string) => limits[name] ?? plainWords(name);

/** What the chip says: never that the model decided. */
export function chipWords(copilot: Copilot | null, planner: string): { word: string; tone: 'quiet' | 'notice' } {
  if (planner === 'llm+optimiser') {
    return { word: 'Drafted by the co-pilot, approved by a person', tone: 'notice' };
  }
  if (copilot === null) {
    return { word: 'Deterministic plan; the co-pilot was not asked', tone: 'quiet' };
  }
  if (copilot.verdict === 'accepted') {
    return copilot.may_be_approved
      ? { word: 'Deterministic plan; a better proposal waits beside it', tone: 'notice' }
      : { word: 'Deterministic plan used; a better proposal stood beside it', tone: 'quiet' };
  }
  return { word: `Deterministic plan used: ${copilot.verdict}`, tone: 'quiet' };
}

export function headline(plan: PlanSummary, zone: Zone): string {
  const start = parseTime(plan.start);
  const window = `${formatWindow(start, parseTime(plan.end), zone)} ${zoneName(start ?? 0, zone)}`;
  const who = formatCount(new Set(plan.actions.map((action) => action.der_id)).size, 'resource');
  const open = plan.shortfall_kw > 0 ? `, ${formatPower(plan.shortfall_kw)} stay open` : '';
  return `${plan.feeder_id}, ${window}: ${who} for ${formatMoney(plan.cost_gbp)}${open}`;
}

/** "85.0 kW over for 1.5 h …": one line for each constraint. */
export function constraintWords(one: Constraint): string {
  const parts = [`up to ${formatPower(one.peak_over_kw)} over`, `${causeWords(one.cause)}`];
  if (one.probability !== null) {
    parts.push(`${formatShare(one.probability)} likely`);
  }
  if (one.time_to_limit_s !== null) {
    parts.push(
      one.time_to_limit_s > 0 ? `${formatDuration(one.time_to_limit_s)} to the limit` : 'over the limit already',
    );
  }
  return parts.join(', ');
}

/** What a plan was made for, in a list. */
export function causeOfPlan(plan: Pick<PlanSummary, 'kind' | 'why' | 'round'>): string {
  return plan.kind === 'asked' ? 'a need handed in' : plan.round > 1 ? `round ${plan.round}: ${plan.why}` : plan.why;
}

/** What becomes of a window ahead, and what waiting would be worth. */
export function armingWords(arming: Arming, zone: Zone): string {
  const choice =
    arming.choice === 'arm'
      ? 'Armed now'
      : arming.choice === 'spot'
        ? 'Left to the spot'
        : `Decided anew at ${arming.review_at ? formatDayClock(parseTime(arming.review_at), zone) : 'the next review'}`;
  return `${choice}: waiting is worth ${formatMoney(arming.value_of_waiting_gbp)} (${formatMoney(arming.cost_now_gbp)} expected now, ${formatMoney(arming.cost_later_gbp)} later). ${arming.reason}`;
}
