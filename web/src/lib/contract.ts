/** Shapes of the REST and live doors that more than one page reads; units are in the names, unknown is null. */

export interface Session {
  user: string | null;
  role: string | null;
  is_demo?: boolean;
  auth_required: boolean;
  authenticated: boolean;
}

export interface Status {
  mode: {
    simulated: boolean;
    seed: number;
    speed: number;
    authority: 'shadow' | 'propose' | 'act';
    control_path: string;
    story: { name: string; title: string } | null;
  };
  now: string;
  wall_now: string;
  settlement_period: { date: string; number: number };
  counts: {
    constrained: number;
    below_10_percent: number;
    below_25_percent: number;
    normal: number;
    unknown: number;
  };
  armed_kw: number | null;
  active_kw: number | null;
  open_events: number;
  readings: { accepted: number; duplicates: number; conflicts: number; quarantined: number };
  data_age_s: number | null;
  audit: { size: number; root: string; healthy: boolean };
  stopped_areas: string[];
  version: string;
}

export interface ExpectedPeak {
  quantile: number;
  peak_kw: number;
  limit_kw: number;
  phase: string;
  at: string;
  over_kw: number;
  covered_kw: number;
}

export interface Feeder {
  feeder_id: string;
  name: string;
  kind: string;
  level: 'hv' | 'lv';
  parent_id: string;
  primary_id: string;
  lat: number | null;
  lon: number | null;
  rating_kw: number | null;
  phase: string | null;
  load_kw: number | null;
  limit_kw: number | null;
  headroom_kw: number | null;
  headroom_share: number | null;
  at: string | null;
  age_s: number | null;
  source: string;
  quality: string;
  stale: boolean;
  state: string;
  held: boolean;
  expected: ExpectedPeak | null;
  event_id: string | null;
}

export interface Substation {
  substation_id: string;
  name: string;
  kind: string;
  parent_id: string;
  lat: number | null;
  lon: number | null;
  rating_kw: number | null;
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

export interface Point {
  point_id: string;
  feeder_id: string | null;
  der_id: string | null;
  quantity: string;
  phase: string;
  load_kw: number | null;
  at: string | null;
  quality: string;
  source: string;
  limit_kw: number | null;
  readings: number;
}

export interface FeederDetail extends Feeder {
  limits?: Limit[];
  points?: Point[];
  events?: string[];
}

export interface Series {
  point_id: string;
  kind: string;
  method: string;
  unit: string;
  step_s: number;
  start: string | null;
  values: (number | null)[];
  source: string;
  as_of: string | null;
}

export interface Forecast {
  point_id: string;
  origin: string | null;
  method: string;
  reason: string;
  /** id of the learnt model behind it; empty for another method */
  model: string;
  step_s: number;
  start: string | null;
  quantiles: number[];
  load_kw: number[][];
  ramp: Ramp;
  source: string;
  as_of: string | null;
}

/** From two days to a week ahead, from the weeks before alone. */
export interface Outlook {
  point_id: string;
  origin: string;
  /** why there is none */
  reason: string;
  step_s: number;
  start: string | null;
  quantiles: number[];
  load_kw: number[][];
  days_known: number;
  days_judged: number;
  /** overloads in it are raised, to be armed for */
  is_watched: boolean;
}

/** How fast a load will change from its newest reading on; without leads `reason` says why. */
export interface Ramp {
  reason: string;
  origin: string | null;
  cadence_s: number;
  leads: { lead_s: number; mw_per_min: number[] }[];
}

export type EventState =
  | 'proposed'
  | 'approved'
  | 'armed'
  | 'notified'
  | 'active'
  | 'completed'
  | 'failed'
  | 'cancelled';

export interface EventSummary {
  event_id: string;
  feeder_id: string;
  phase: string;
  state: EventState;
  cause: string;
  level: string;
  start: string;
  end: string;
  detected_at: string;
  required_kw: number | null;
  contracted_kw: number | null;
  shortfall_kw: number | null;
  delivered_kw: number | null;
  delivered_kwh: number | null;
  cost_gbp: number | null;
  statement_gbp: number | null;
  outcome: string;
  note: string;
  alarmed: boolean;
  authority: string;
  plan_sha256: string;
  waits_for_approval?: boolean;
  seen_week_ahead?: boolean;
  review_at?: string | null;
  limit_kw?: number | null;
  limit?: Limit;
  peak_without_kw?: number | null;
  peak_with_kw?: number | null;
}

/** Events that are not over: they may still cost, move load or fail. */
export function isOpen(event: Pick<EventSummary, 'state'>): boolean {
  return !['completed', 'failed', 'cancelled'].includes(event.state);
}

/** One entry of the durable log, as `/ws` carries it. */
export interface LogEntry {
  seq: number;
  at: string;
  type: string;
  data: {
    event_id: string | null;
    text: string;
    outcome?: string;
    feeder_id?: string | null;
    state?: string | null;
  };
}

/** `/ws/state` topic `layout`: the order of the arrays below. */
export interface LayoutMessage {
  topic: 'layout';
  version: number;
  feeder_ids: string[];
}

/** `/ws/state` topic `feeders`: one value per feeder in layout order. */
export interface FeedersMessage {
  topic: 'feeders';
  version: number;
  at: string;
  load_kw: (number | null)[];
  limit_kw: (number | null)[];
  /** tightest phase: `1`, `2`, `3`, or `s` for the sum */
  phase: string;
  /** `1` where the newest reading is older than it may be */
  stale: string;
  expected_share: (number | null)[];
  /** `0` no need, `1` need not covered, `2` covered by contracts */
  covered: string;
  event?: number[];
}

export type HeaderMessage = { topic: 'header' } & Status;
export type StateMessage = LayoutMessage | FeedersMessage | HeaderMessage;
