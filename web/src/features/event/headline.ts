/** The event in one sentence, in an operator's words, from data alone. */

import { formatClock, formatDayClock, parseTime, type Zone } from '@/lib/time';
import { formatCount, formatMoney, formatPower, formatShare } from '@/lib/units';
import { type Assignment, type EventDetail, isOver, isSeenAhead, placeOf } from './model';

export type Tone = 'calm' | 'running' | 'alarm';

export interface Headline {
  sentence: string;
  tone: Tone;
}

type Told = Pick<
  EventDetail,
  | 'feeder_id'
  | 'phase'
  | 'state'
  | 'cause'
  | 'clock'
  | 'start'
  | 'end'
  | 'outcome'
  | 'contracted_kw'
  | 'delivered_kw'
  | 'shortfall_kw'
  | 'cost_gbp'
  | 'statement'
  | 'limit_kw'
  | 'limit'
  | 'peak_without_kw'
  | 'peak_with_kw'
  | 'overload'
  | 'assignments'
  | 'waits_for_approval'
  | 'plans'
>;

/** Meters of class 0.5 cannot tell less from the limit itself. */
const meterClass = 0.005;

function devices(assignments: Assignment[], states: readonly string[]): number {
  return new Set(assignments.filter((one) => states.includes(one.state)).map((one) => one.der_id)).size;
}

function verb(event: Told): string {
  return event.limit.direction === 'export' ? 'turned up' : 'turned down';
}

/** What was about to happen: measured against the twin or the delivery where that is known, else as forecast. */
function threat(event: Told, zone: Zone): string {
  const limit = `its ${formatPower(event.limit_kw)} limit`;
  const at = formatClock(parseTime(event.start), zone);
  const over = event.peak_without_kw === null ? null : event.peak_without_kw - event.limit_kw;
  if (event.cause === 'person') {
    const asked = isOver(event.state) ? 'was' : 'is';
    return `${formatPower(event.overload.peak_over_kw)} of relief ${asked} asked for at ${placeOf(event)} from ${at}`;
  }
  if (isOver(event.state) && over !== null) {
    return over > 0
      ? `${placeOf(event)} would have gone ${formatPower(over)} over ${limit} from ${at}`
      : `${placeOf(event)} would have stayed within ${limit} by itself`;
  }
  const peak = formatPower(event.overload.peak_over_kw);
  if (event.cause === 'live') {
    return `${placeOf(event)} went ${peak} over ${limit} at ${formatClock(parseTime(event.overload.detected_at), zone)}`;
  }
  const tense = isOver(event.state) ? 'was' : 'is';
  if (isSeenAhead(event)) {
    const day = formatDayClock(parseTime(event.start), zone);
    return `${placeOf(event)} ${tense} seen, by the weeks before, to go ${peak} over ${limit} on ${day} (probability ${formatShare(event.overload.probability)})`;
  }
  return `${placeOf(event)} ${tense} expected to go ${peak} over ${limit} from ${at} (probability ${formatShare(event.overload.probability)})`;
}

function silence(event: Told): string {
  const silent = devices(event.assignments, ['silent', 'refused']);
  return silent === 0
    ? ''
    : `; ${formatCount(silent, 'device')} did not answer and ${silent === 1 ? 'was' : 'were'} set aside`;
}

function working(count: number): string {
  return `${formatCount(count, 'device')} ${count === 1 ? 'is' : 'are'}`;
}

function runningAnswer(event: Told, zone: Zone): string {
  const armed = formatCount(devices(event.assignments, ['armed', 'told', 'following']), 'device');
  const power = formatPower(event.contracted_kw);
  const start = formatClock(parseTime(event.start), zone);
  switch (event.state) {
    case 'proposed': {
      const plan = event.plans.at(-1);
      if (event.waits_for_approval && plan) {
        return `a plan of ${formatCount(plan.actions.length, 'offer')} for ${formatMoney(plan.cost_gbp)} waits for approval`;
      }
      if (isSeenAhead(event) && plan?.state !== 'shadow') {
        return 'it is weighed again each day, and nothing is bought yet';
      }
      return plan?.state === 'shadow' ? 'shadow mode: nothing is asked of anybody' : 'providers are being asked';
    }
    case 'approved':
      return 'the plan is approved and orders are being placed';
    case 'armed':
      return `${power} are held ready by ${armed}, to be told shortly before ${start}`;
    case 'notified':
      return `a change of ${power} has been told to ${armed}`;
    default:
      return `${working(devices(event.assignments, ['told', 'following']))} relieving it, ${power} contracted`;
  }
}

/** A plan for more, beside what is bought already. */
function moreToApprove(event: Told): string {
  const plan = event.plans.at(-1);
  return event.state !== 'proposed' && event.waits_for_approval && plan
    ? `; a plan for ${formatCount(plan.actions.length, 'more offer')} for ${formatMoney(plan.cost_gbp)} waits for approval`
    : '';
}

function result(event: Told): string {
  if (event.outcome === 'unmeasured') {
    return 'its meter gave no reading that can be believed, so nothing shows that it stayed within its limit';
  }
  const within = 'it stayed within its limit';
  if (event.peak_with_kw === null) {
    return event.outcome === 'relieved' ? within : '';
  }
  const over = event.peak_with_kw - event.limit_kw;
  if (over <= event.limit_kw * meterClass) {
    return `${within} (peak ${formatPower(event.peak_with_kw)})`;
  }
  // An event is judged by half-hourly means, as the limit is; the peak is that of a minute.
  return event.outcome === 'relieved'
    ? `its half-hourly means stayed within the limit, its highest minute was ${formatPower(over)} over`
    : `it still peaked ${formatPower(over)} over its limit`;
}

const endings: Readonly<Record<string, string>> = {
  cleared: 'the danger passed before anything was asked',
  unconfirmed: 'no live forecast confirmed it and nothing was asked',
  within_rating: 'the cyclic or emergency rating bears it and nothing was asked',
  rejected: 'the plan was rejected and nothing was asked',
  expired: 'nobody approved the plan in time and nothing was asked',
  shadow: 'shadow mode: nothing was asked of anybody',
};

function finalAnswer(event: Told): string {
  const ending = endings[event.outcome];
  if (ending) {
    return [ending, result(event)].filter((part) => part !== '').join('; ');
  }
  const told = devices(event.assignments, ['told', 'following', 'released']);
  const power = event.delivered_kw > 0 ? event.delivered_kw : event.contracted_kw;
  const asked =
    told === 0 ? 'no device was told anything' : `${formatCount(told, 'device')} ${verb(event)} ${formatPower(power)}`;
  const money = event.statement ? formatMoney(event.statement.total_gbp) : `${formatMoney(event.cost_gbp)} committed`;
  const ended = event.state === 'cancelled' ? 'the event was cancelled' : '';
  return [asked + silence(event), ended, result(event), money].filter((part) => part !== '').join('; ');
}

function toneOf(event: Told): Tone {
  const isShort = event.outcome === 'shortfall' || event.state === 'failed';
  if (isOver(event.state)) {
    return isShort ? 'alarm' : 'calm';
  }
  return event.shortfall_kw > 0 || event.waits_for_approval ? 'alarm' : 'running';
}

export function headline(event: Told, zone: Zone): Headline {
  const answer = isOver(event.state)
    ? finalAnswer(event)
    : runningAnswer(event, zone) + silence(event) + moreToApprove(event);
  return { sentence: `${threat(event, zone)}; ${answer}.`, tone: toneOf(event) };
}
