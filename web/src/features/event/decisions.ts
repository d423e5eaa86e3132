/** What approving, rejecting and cancelling will do, in words, from the plan that is shown. */

import { formatWindow, parseTime, type Zone } from '@/lib/time';
import { formatCount, formatDuration, formatMoney, formatPower } from '@/lib/units';
import type { Consequence } from './Decision';
import { type EventDetail, isOver, type Plan, placeOf } from './model';

export interface Asking {
  role: string | null;
  /** heard from the server within 5 s */
  live: boolean;
}

const mayApprove = ['approver', 'engineer', 'admin'];
const mayCancel = ['operator', ...mayApprove];

function hindranceOf(asking: Asking, roles: string[], wanted: string): string | null {
  if (!asking.live) {
    return 'The server is not heard: nothing can be decided now.';
  }
  return asking.role !== null && roles.includes(asking.role)
    ? null
    : `Needs the role ${wanted}; yours is ${asking.role ?? 'none'}.`;
}

export const approveHindrance = (asking: Asking) => hindranceOf(asking, mayApprove, 'approver');

export function cancelHindrance(asking: Asking, event: Pick<EventDetail, 'state'>): string | null {
  return isOver(event.state) ? 'The event is over.' : hindranceOf(asking, mayCancel, 'operator');
}

/** The plan that waits for somebody; null when none does. */
export function waitingPlan(event: Pick<EventDetail, 'plans' | 'waits_for_approval'>): Plan | null {
  const plan = event.plans.at(-1);
  return event.waits_for_approval && plan?.state === 'proposed' ? plan : null;
}

/** Time that is left in domain time, in words; null when it does not expire or now is not known. */
export function expiryWords(plan: Pick<Plan, 'expires_at'>, domainNow: number | null): string | null {
  const expires = parseTime(plan.expires_at);
  if (expires === null || domainNow === null) {
    return null;
  }
  return expires <= domainNow ? 'expired' : `expires in ${formatDuration((expires - domainNow) / 1000)} of domain time`;
}

function providersOf(plan: Plan): string {
  const names = [...new Set(plan.actions.map((line) => line.provider))];
  return names.length === 0 ? 'nobody' : names.join(', ');
}

export function approveConsequences(event: EventDetail, plan: Plan, zone: Zone): Consequence[] {
  const devices = new Set(plan.actions.map((line) => line.der_id)).size;
  const relief = Math.max(0, ...plan.relief.map((slot) => slot.kw));
  return [
    {
      term: 'Who is told',
      text: `${providersOf(plan)}: orders are confirmed now, ${formatCount(devices, 'device')} are instructed before the window`,
    },
    {
      term: 'What changes',
      text: `up to ${formatPower(relief)} less load on ${placeOf(event)}, ${formatWindow(parseTime(event.start), parseTime(event.end), zone)}`,
    },
    { term: 'Cost', text: `${formatMoney(plan.cost_gbp)} as planned; the statement follows the meters` },
    {
      term: 'Still over',
      text:
        plan.shortfall_kw > 0
          ? `${formatPower(plan.shortfall_kw)} stays uncovered`
          : 'nothing is expected to stay over the limit',
    },
    {
      term: 'Bound to',
      text: `plan ${plan.plan_id}, SHA-256 ${plan.sha256.slice(0, 16)}…; a newer plan is not covered`,
    },
  ];
}

export function rejectConsequences(event: EventDetail, plan: Plan): Consequence[] {
  const isUnderWay = event.state !== 'proposed';
  return [
    { term: 'Who is told', text: `nobody is ordered; ${providersOf(plan)} keep their offers` },
    {
      term: 'What changes',
      text: isUnderWay
        ? `nothing on ${placeOf(event)}: the ${formatPower(event.contracted_kw)} that are bought stand, ${formatPower(event.shortfall_kw)} stay uncovered`
        : `nothing on ${placeOf(event)}: it stays expected up to ${formatPower(event.overload.peak_over_kw)} over its limit`,
    },
    { term: 'Bound to', text: `plan ${plan.plan_id}, SHA-256 ${plan.sha256.slice(0, 16)}…` },
  ];
}

export function cancelConsequences(event: EventDetail): Consequence[] {
  const told = new Set(
    event.assignments.filter((one) => ['told', 'following'].includes(one.state)).map((one) => one.der_id),
  ).size;
  const open = event.contracts.filter((one) => one.state === 'active');
  const providers = [...new Set(open.map((one) => one.provider))].join(', ');
  return [
    {
      term: 'Who is told',
      text: `${told > 0 ? `${formatCount(told, 'device')} are released` : 'no device'}${providers ? `; orders with ${providers} are ended` : ''}`,
    },
    {
      term: 'What changes',
      text: `relief on ${placeOf(event)} ends (${formatPower(event.contracted_kw)} contracted); the load comes back`,
    },
    { term: 'Cost', text: 'what was armed and delivered until now is settled' },
  ];
}
