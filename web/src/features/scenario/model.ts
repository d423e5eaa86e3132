/** Scenarios, runs and what runs found, as `/api/v1/scenarios…` tells them. */

export type RiskLevel = 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW';
export type RunState = 'waiting' | 'running' | 'done' | 'cancelled' | 'failed';

export interface Levers {
  temperature_max_c?: number | null;
  temperature_min_c?: number | null;
  total_rainfall_mm?: number | null;
  rainfall_max_mm_per_h?: number | null;
  ev_uptake: number;
  der_outage_share: number;
  price_factor: number;
  load_factor: number;
  quantile: number;
}

export interface Scenario {
  id: string;
  title: string;
  description: string;
  place: string;
  event: string;
  start: string;
  hours: number;
  levers: Levers;
  lost_elements: string[];
  built_in: boolean;
}

export interface Place {
  place: string;
  assets: number;
  source: string;
  illustrative: boolean;
}

export interface Scenarios {
  scenarios: Scenario[];
  places: Place[];
  faults: string[];
}

export interface Run {
  run_id: string;
  state: RunState;
  /** share of the assets that are projected */
  done: number;
  scenario_id: string;
  title: string;
  place: string;
  event: string;
  start: string;
  hours: number;
  seed: number;
  assets: number;
  risks: Partial<Record<RiskLevel, number>>;
  by: string;
  asked_at: string;
  elapsed_ms: number | null;
  fault: string;
}

export interface Asset {
  id: string;
  name: string;
  type: string;
  capacity_kw: number;
  source: string;
  illustrative: boolean;
}

export interface Risk {
  asset_id: string;
  risk_level: RiskLevel;
  reason: string;
  expected_impact: string;
  projected_peak_kw: number;
  loading_percent: number;
  peak_time: string;
  headroom_kw: number;
  over_hours: number;
  energy_over_kwh: number;
  outage_probability: number;
}

export interface Outcome {
  asset_id: string;
  loading_low_percent: number;
  loading_high_percent: number;
  hot_spot_max_c: number;
  loss_of_life_hours: number;
  unserved_kwh: number;
}

export interface Remedy {
  remedy: 'do_nothing' | 'reconfigure' | 'dispatch' | 'both';
  moves: { to: string; peak_kw: number; share: number }[];
  dispatch_kw: number;
  dispatch_kwh: number;
  unserved_kwh: number;
  energy_over_kwh: number;
  loading_percent: number;
}

export interface Alternatives {
  asset_id: string;
  is_lost: boolean;
  remedies: Remedy[];
}

export interface Curve {
  asset_id: string;
  start: string;
  period_minutes: number;
  load_kw: number[];
  low_kw: number[];
  high_kw: number[];
  rating_kw: number[];
}

export interface WeatherSource {
  source: string;
  hours: number;
  fetched: string | null;
  why: string;
}

/** Until it is done, `run` is all there is. */
export interface RunResult {
  run: Run;
  hypothetical?: boolean;
  hypothetical_reason?: string;
  data_sources?: string[];
  weather_sources?: WeatherSource[];
  weather?: { temperature_c: number[]; rain_mm: number[] };
  assets?: Asset[];
  outcomes?: Outcome[];
  risks?: Risk[];
  alternatives?: Alternatives[];
  curves?: Curve[];
}

export interface Sums {
  risks: Partial<Record<RiskLevel, number>>;
  energy_over_kwh: number;
  unserved_kwh: number;
  energy_kwh: number;
  loading_percent_max: number;
  temperature_max_c: number;
  temperature_min_c: number;
  rain_mm: number;
}

export interface DiffLine {
  asset_id: string;
  name: string;
  loading_percent: number | null;
  other_loading_percent: number | null;
  risk_level: RiskLevel | '';
  other_risk_level: RiskLevel | '';
  change_percent: number;
}

export interface Diff {
  run: Run;
  other: Run;
  sums: Sums;
  other_sums: Sums;
  assets: DiffLine[];
}

/** What a person edits: texts as they are typed. */
export interface Draft {
  scenarioId: string;
  place: string;
  event: string;
  start: string;
  hours: string;
  temperatureMax: string;
  temperatureMin: string;
  rainTotal: string;
  rainHour: string;
  evUptake: string;
  derOutage: string;
  priceFactor: string;
  loadFactor: string;
  quantile: string;
  lost: string;
  seed: string;
}
