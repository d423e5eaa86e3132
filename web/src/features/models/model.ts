/** Forecast models as `/api/v1/models` tells them. */

export interface Trial {
  from: string;
  to: string;
  forecasts: number;
  /** mean pinball loss over the quantiles, in spreads of the load */
  pinball: number;
  champion_pinball: number;
  p90_share: number;
  champion_p90_share: number;
}

export interface ForecastModel {
  model_id: string;
  origin: string;
  serving: boolean;
  made_at: string;
  data_from: string;
  data_to: string;
  series: number;
  rows: number;
  beaten: string;
  trial: Trial | null;
}

export interface Models {
  serving: string;
  former: string;
  state: 'off' | 'waiting' | 'reading' | 'training';
  done: number;
  step: string;
  tried_at: string | null;
  outcome: string;
  models: ForecastModel[];
  as_of: string;
}
