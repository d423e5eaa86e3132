/** The shelf as `GET /api/v1/contingencies` tells it. */

export type Cover = 'covered' | 'partly' | 'uncovered' | 'none';
export type Kind = 'feeder' | 'substation';

export interface Contingency {
  element_id: string;
  name: string;
  kind: Kind;
  rank: number;
  cover: Cover;
  reason: string;
  mode: 'act' | 'propose' | 'shadow';
  interrupted_kw: number;
  unrestored_kw: number;
  unserved_kwh: number;
  customers: number | null;
  time_to_limit_minutes: number | null;
  switches: number;
  receivers: number;
  orders_kw: number;
  doubts: string[];
}

export interface Contingencies {
  contingencies: Contingency[];
  next_cursor: string | null;
}

export interface Switching {
  tie_id: string;
  from: string;
  to: string;
  close_after_minutes: number;
  waits_for_orders: boolean;
  is_remote: boolean;
  share: number;
  peak_kw: number;
  rating_kw: number;
}

export interface LimitUse {
  kind: string;
  phase: string;
  limit_kw: number;
  peak_kw: number;
  reached_after_minutes: number | null;
  allowed_minutes: number;
}

export interface Receiver {
  element_id: string;
  phase: string;
  limit_kw: number | null;
  before_kw: number[];
  after_kw: number[];
  need_kw: number[];
  peak_loading: number;
  time_to_limit_minutes: number | null;
  time_to_act_minutes: number | null;
  limits: LimitUse[];
}

export interface ShelfOrder {
  feeder_id: string;
  phase: string;
  event_id: string | null;
  from_minutes: number;
  power_kw: number[];
  peak_kw: number;
  der_ids: string[];
  ders_count: number;
  authority: string;
  authority_reason: string;
  guard: string;
  guard_reason: string;
}

export interface Pathway {
  name: string;
  assumes: string[];
  closes: string[];
  restored_kw: number;
  unserved_kwh: number;
  flexibility_kw: number;
  worst_loading: number;
}

export interface ShelfUse {
  at: string;
  state: string;
  source: string;
  carried_out: 'act' | 'propose' | 'shadow';
  detail: string;
  plan_sha256: string;
  event_ids: string[];
  first_command_ms: number | null;
}

export interface ContingencyPlan {
  summary: Contingency;
  as_of: string;
  start: string;
  quantile: number;
  plan_sha256: string;
  interrupted_kw: number[];
  unrestored_kw: number[];
  switching: Switching[];
  unused: { tie_id: string; reason: string }[];
  receivers: Receiver[];
  orders: ShelfOrder[];
  doubts: { doubt: string; detail: string }[];
  pathways: Pathway[];
  used: ShelfUse | null;
}
