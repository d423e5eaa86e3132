/** Programmes and enrolments as `/api/v1/programmes` and `/api/v1/enrolments` tell them. */

export interface Programme {
  programme_id: string;
  name: string;
  terms: string;
  products: string[];
  der_classes: string[];
  from: string;
  until: string;
  day_from: string;
  day_until: string;
  working_days_only: boolean;
  test_share: number;
  test_valid_days: number;
  open_now: boolean;
  enrolled: number;
  eligible: number;
  eligible_kw: number;
}

export type Standing = 'eligible' | 'no_consent' | 'not_qualified' | 'failed_test' | 'suspended' | 'withdrawn';

export interface Enrolment {
  programme_id: string;
  der_id: string;
  provider: string;
  der_class: string;
  feeder_id: string;
  power_kw: number;
  standing: Standing;
  consent_by: string;
  consent_from: string;
  consent_until: string;
  tested_at: string | null;
  tested_kw: number | null;
  delivered_kw: number | null;
  evidence: string;
  qualified_until: string | null;
  suspended_from: string | null;
  suspended_until: string | null;
  suspended_because: string;
  withdrawn_at: string | null;
}

export interface Programmes {
  programmes: Programme[];
  next_cursor: string | null;
}

export interface Enrolments {
  enrolments: Enrolment[];
  next_cursor: string | null;
}
