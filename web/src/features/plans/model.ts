/** A plan as GET /api/v1/plans and /api/v1/plans/{id} answer it; of an event, or handed in. */

export interface Slot {
  start: string;
  kw: number;
}

export interface PlanAction {
  provider: string;
  offer_id: string;
  der_id: string;
  der_class: string;
  phase: string;
  start: string;
  kw: number[];
  energy_kwh: number;
  cost_gbp: number;
  relief_peak_kw: number;
  price_gbp_per_mwh: number;
  reliability: number;
  activations: number | null;
  carbon_kg: number | null;
  means: string;
  reason: string;
}

export interface Refused {
  der_id: string;
  provider: string;
  offer_id: string;
  reason: string;
}

export interface Alternative {
  name: string;
  cost_gbp: number;
  shortfall_kw: number | null;
  shortfall_kwh: number | null;
  lines: number;
  note: string;
  purchase_gbp: number | null;
  certainty: number | null;
  carbon_kg: number | null;
  probability_over: number | null;
  loss_of_life_gbp: number | null;
  der_ids: string[];
}

export interface RuleRef {
  subject: string;
  document: string;
  section: string;
  page: number;
  line: number;
  quote: string;
  words: string[];
}

export interface Copilot {
  verdict: string;
  guard: string;
  violations: string[];
  summary: string;
  justification: string;
  model: string;
  latency_ms: number;
  may_be_approved: boolean;
  proposal_sha256: string;
  proposal_cost_gbp: number;
  proposal_shortfall_kw: number;
  proposal_actions: PlanAction[];
  exchanges: number[];
  seq: number;
}

export interface PlanSummary {
  plan_id: string;
  kind: 'event' | 'asked';
  event_id: string;
  feeder_id: string;
  start: string;
  end: string;
  round: number;
  sha256: string;
  state: string;
  status: string;
  planned_at: string;
  made_at: string;
  why: string;
  authority: string;
  authority_reason: string;
  chosen: string;
  cost_gbp: number;
  shortfall_kw: number;
  need: Slot[];
  relief: Slot[];
  alternatives: Alternative[];
  actions: PlanAction[];
  reasons: string[];
  refused: Refused[];
  rule_set: string;
  nodes_used: number;
  bound_gbp: number | null;
  expires_at: string | null;
  approved_by: string | null;
  decision_reason: string;
  seq: number;
  rule_refs: RuleRef[];
  planner: string;
  copilot: Copilot | null;
}

export interface Constraint {
  feeder_id: string;
  phase: string;
  limit: { quantity: string; kind: string; value: number; unit: string; source: string } | null;
  cause: string;
  level: string;
  start: string;
  end: string;
  peak_over_kw: number;
  energy_over_kwh: number;
  probability: number | null;
  time_to_limit_s: number | null;
  covered_share: number;
}

export interface Fan {
  start: string;
  step_s: number;
  quantiles: number[];
  without_kw: number[][];
  with_kw: number[][];
  limit_kw: number;
  method: string;
}

export interface Residual {
  probability_without: number | null;
  probability_with: number | null;
  expected_over_without_kwh: number | null;
  expected_over_with_kwh: number | null;
  certainty: number | null;
  shortfall_kw: number;
  note: string;
}

export interface Reserve {
  if_fails: string;
  shortfall_kw: number;
  stand_in: string[];
  extra_cost_gbp: number;
  left_kw: number;
}

export interface Rung {
  rung: number;
  name: string;
  outcome: string;
  reason: string;
  legal_basis: string;
}

export interface WholePlan extends PlanSummary {
  constraints: Constraint[];
  shortfall: Slot[];
  fan: Fan | null;
  residual: Residual;
  binding: { limit: string; subject: string; detail: string }[];
  would_help: string[];
  reserve: Reserve[];
  rules: { rule: string; der_id: string; is_refused: boolean; detail: string }[];
  ladder: Rung[];
  purchase_gbp: number | null;
  gap_percent: number | null;
  carbon_kg: number | null;
  carbon_source: string;
  /** Arming now weighed against waiting; null where the rules do not weigh it. */
  arming: Arming | null;
}

export interface Arming {
  choice: string;
  cost_now_gbp: number;
  cost_later_gbp: number;
  value_of_waiting_gbp: number;
  reason: string;
  review_at: string | null;
}

export interface PlanList {
  plans: PlanSummary[];
  next_cursor: string | null;
}
