/** The answer of `GET /api/v1/events/{id}` and of what the page asks besides. Names and units are the door's own. */

export type EventState =
  | 'proposed'
  | 'approved'
  | 'armed'
  | 'notified'
  | 'active'
  | 'completed'
  | 'failed'
  | 'cancelled';

export interface Slot {
  start: string;
  kw: number;
}

export interface Limit {
  quantity: string;
  phase: string;
  direction: string;
  kind: string;
  value: number;
  unit: string;
  source: string;
  verified_by: string;
}

export interface Overload {
  cause: string;
  level: string;
  detected_at: string;
  start: string;
  end: string;
  peak_over_kw: number;
  peak_load_kw: number;
  energy_over_kwh: number;
  probability: number;
  time_to_limit_s: number;
  /** of a forecast: energy to be expected over the limit, over all quantiles */
  expected_over_kwh?: number | null;
  /** of a forecast: the quantile it was raised at */
  alarm_quantile?: number | null;
  need: Slot[];
}

export interface Moment {
  name: string;
  /** domain time */
  at: string;
  /** wall time since detection; null after a restart */
  since_detection_ms: number | null;
}

export interface ForecastAsRaised {
  start: string | null;
  step_s: number;
  quantiles: number[];
  load_kw: number[][];
  alarm_quantile: number;
  recent: { at: string; kw: number }[];
  method: string;
  /** id of the learnt model behind it */
  model?: string;
}

export interface Alternative {
  name: string;
  cost_gbp: number;
  shortfall_kw: number | null;
  shortfall_kwh: number | null;
  lines: number;
  note: string;
}

export interface PlanAction {
  provider: string;
  offer_id: string;
  der_id: string;
  der_class: string;
  phase: string;
  start?: string;
  kw: number[];
  cost_gbp: number;
  relief_peak_kw: number;
  price_gbp_per_mwh: number;
  reliability: number;
}

export interface Plan {
  plan_id: string;
  round: number;
  sha256: string;
  state: string;
  made_at: string;
  why: string;
  authority: string;
  authority_reason?: string;
  chosen: string;
  cost_gbp: number;
  shortfall_kw: number;
  need: Slot[];
  relief: Slot[];
  alternatives: Alternative[];
  actions: PlanAction[];
  reasons: string[];
  refused: { der_id: string; offer_id: string; reason: string }[];
  rule_set: string;
  nodes_used: number;
  bound_gbp: number | null;
  expires_at: string | null;
  approved_by: string | null;
  decision_reason?: string;
}

export interface Message {
  action: string;
  provider: string;
  direction: string;
  /** wall time */
  at: string;
  latency_ms: number | null;
  signature: string;
  outcome: string;
  message_id: string;
  sha256?: string;
  seq: number;
}

export interface SearchedProvider {
  provider: string;
  answered: boolean;
  latency_ms: number;
  fault: string;
  round?: number;
}

export interface Contract {
  transaction_id: string;
  order_id: string;
  provider: string;
  kind: string;
  state: string;
  lines: { der_id: string; kw: number[]; start: string }[];
  cost_gbp: number;
  failure?: string;
}

export interface Instruction {
  instruction_id: string;
  der_id: string;
  kind: string;
  value_kw: number;
  start: string;
  expires_at: string;
  state: string;
  /** wall time, as `acked_at` */
  sent_at: string | null;
  acked_at: string | null;
  ack_ms: number | null;
  detail: string;
  attempt?: number;
  replaces?: string | null;
  seq?: number;
}

export interface Assignment {
  der_id: string;
  der_class: string;
  provider: string;
  state: string;
  kw: Slot[];
  relief_share: number;
  baseline_kw: number | null;
}

export interface DeliveryRow {
  start: string;
  baseline_kwh: number;
  metered_kwh: number;
  delivered_kwh: number;
  instructed_kwh: number;
  payable_kwh?: number;
}

export interface Delivery {
  der_id: string;
  state?: string;
  reason?: string;
  payment_gbp?: string | null;
  rows: DeliveryRow[];
}

export interface StatementLine {
  der_id: string;
  provider: string;
  instructed_kwh: number;
  delivered_kwh: number;
  payable_kwh: number;
  utilisation_gbp: string;
  availability_gbp: string;
  total_gbp: string;
  state: string;
}

export interface Statement {
  statement_id: string;
  version: number;
  state: string;
  rounding: string;
  delivered_kwh: number;
  total_gbp: string;
  sha256?: string;
  lines: StatementLine[];
}

export interface AuditLine {
  seq: number;
  type: string;
  /** wall time */
  at: string;
  outcome: string;
  actor: string;
  text: string;
}

export interface ReplayPart {
  name: string;
  same: boolean;
  sha256_logged: string;
  sha256_replayed: string;
  seq?: number;
  detail?: string;
}

export interface Replay {
  event_id: string;
  same: boolean;
  parts: ReplayPart[];
}

export interface EventDetail {
  event_id: string;
  feeder_id: string;
  phase: string;
  state: EventState;
  cause: string;
  level: string;
  start: string;
  end: string;
  detected_at: string;
  required_kw: number;
  contracted_kw: number;
  shortfall_kw: number;
  delivered_kw: number;
  delivered_kwh: number;
  cost_gbp: number;
  statement_gbp: number;
  outcome: string;
  note: string;
  alarmed: boolean;
  authority: string;
  plan_sha256: string;
  waits_for_approval: boolean;
  limit_kw: number;
  limit: Limit;
  peak_without_kw: number | null;
  peak_with_kw: number | null;
  overload: Overload;
  clock: Moment[];
  detection_to_dispatch_ms: number | null;
  forecast: ForecastAsRaised;
  plans: Plan[];
  messages: Message[];
  providers: SearchedProvider[];
  contracts: Contract[];
  instructions: Instruction[];
  assignments: Assignment[];
  delivery: Delivery[];
  statement: Statement | null;
  audit: AuditLine[];
  alarms: { at: string; kind: string; detail: string }[];
  series_point: string;
  replay: Replay | null;
}

/** `GET /api/v1/series`. */
export interface Series {
  point_id: string;
  kind: string;
  method: string;
  unit: string;
  step_s: number;
  start: string;
  values: (number | null)[];
  source: string;
  as_of: string;
}

const finalStates: readonly EventState[] = ['completed', 'failed', 'cancelled'];

export function isOver(state: EventState): boolean {
  return finalStates.includes(state);
}

/** `F-0130, phase L1`; the sum of the phases has no name of its own. */
export function placeOf(event: { feeder_id: string; phase: string }): string {
  const phase = event.phase.toLowerCase();
  return phase === 'sum' || phase === '' ? event.feeder_id : `${event.feeder_id}, phase ${event.phase}`;
}

/** An outlook showed it, days before; it is armed for at most until a live forecast confirms it. */
export function isSeenAhead(event: Pick<EventDetail, 'clock'>): boolean {
  return event.clock.some((one) => one.name === 'seen_week_ahead');
}
