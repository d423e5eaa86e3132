/** What `GET /api/v1/trust` and its places answer, as far as the page shows it. */

export interface Correction {
  correction_id: string;
  meter: string;
  kind: string;
  factor: number[];
  order: number[];
  proposal: string;
  incident_id: string;
  applied_at: string | null;
  applied_by: string;
  reason: string;
}

export interface Incident {
  incident_id: string;
  kind: string;
  place: string;
  meter: string;
  layer: string;
  confidence: number;
  evidence: string;
  open: boolean;
  distrusting: boolean;
  opened_at: string;
  last_at: string;
  closed_at: string | null;
  closed_by: string;
  closed_because: string;
  proposal: Correction | null;
  event_id: string;
}

export interface Trust {
  as_of: string;
  kinds: { kind: string; open: number; closed: number }[];
  places_watching: number;
  places_learning: number;
  places_waiting: number;
  feeders_not_watched: number;
  corrections: Correction[];
  incidents: Incident[];
  next_cursor: string | null;
}

export interface Place {
  place: string;
  state: 'waiting' | 'learning' | 'watching';
  how: 'balance' | 'alone' | 'none';
  feeders: number;
  learnt: number;
  slot_min: number;
  last_slot_at: string | null;
  accuracy_factor: number | null;
  incidents_open: number;
}
