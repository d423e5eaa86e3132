/** What `GET /api/v1/data-quality` and its findings answer, as far as the page shows it. */

export interface SourceClock {
  verdict: 'ok' | 'ahead' | 'behind' | 'delayed' | 'unknown';
  median_s: number | null;
  p05_s: number | null;
  p95_s: number | null;
  samples: number;
  detail: string;
}

export interface QuarantineExample {
  at: string;
  reason: string;
  where: string;
  detail: string;
}

export interface SourceQuality {
  source: string;
  state: 'ok' | 'stale' | 'silent';
  last_at: string | null;
  age_s: number | null;
  accepted: number;
  duplicates: number;
  conflicts: number;
  quarantined_total: number;
  quarantined: Record<string, number>;
  estimated_share: number | null;
  substituted_share: number | null;
  clock: SourceClock;
  examples: QuarantineExample[];
}

export interface StationLink {
  source: string;
  protocol: string;
  running: boolean;
  why: string;
  connections: number;
  messages: number;
  invalid: number;
  unsupported: number;
  interrogations_ended: number;
  interrogations_failed: number;
  untimed: number;
  bad_times: number;
}

export interface Coverage {
  as_of: string | null;
  feeders: number;
  fresh: number;
  stale: number;
  silent: number;
  points: number;
  points_fresh: number;
}

export interface FindingCount {
  kind: string;
  findings: number;
  open: number;
  times: number;
}

export interface Balance {
  substation_id: string;
  phase: string;
  state: 'ok' | 'off' | 'incomplete';
  at: string;
  busbar_kw: number | null;
  feeders_kw: number;
  difference_kw: number | null;
  feeders: number;
  feeders_seen: number;
  missing: string;
  compared: number;
  off: number;
}

export interface DataQuality {
  as_of: string;
  sources: SourceQuality[];
  mixed_unattributed: number;
  links: StationLink[];
  coverage: Coverage;
  findings: FindingCount[];
  findings_forgotten: number;
  balances_total: number;
  balances: Balance[];
}

export interface Finding {
  point_id: string;
  quantity: string;
  phase: string;
  kind: string;
  source: string;
  count: number;
  first_at: string;
  last_at: string;
  open: boolean;
  detail: string;
}

/** What `GET /api/v1/feeds` answers. */
export interface Feed {
  id: string;
  state: 'ok' | 'old' | 'down' | 'waiting' | 'off';
  reaches: string;
  source: string;
  url: string;
  licence: string;
  asked_at: string | null;
  answered_at: string | null;
  age_s: number | null;
  records: number;
  effects: number;
  quarantined: number;
  not_believed: { pointer: string; why: string }[];
  fault: string;
}

export interface FeedValue {
  name: string;
  value: number;
  half_hour: string;
  source: string;
  url: string;
  licence: string;
  fetched_at: string;
  age_s: number;
  stale_because: string;
}

export interface Feeds {
  as_of: string;
  live: boolean;
  why_not: string;
  feeds: Feed[];
  values: FeedValue[];
}
