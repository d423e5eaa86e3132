/** What each device was told and what it answered, one row a device. */

import type { AuditLine, EventDetail, Instruction } from './model';

export interface DeviceRow {
  der_id: string;
  der_class: string;
  provider: string;
  state: string;
  /** instructions that asked for a change, and those of them that were acknowledged */
  told: number;
  acked: number;
  /** the first and the slowest acknowledgement, wall clock */
  first_ack_ms: number | null;
  slowest_ack_ms: number | null;
  first_sent_at: string | null;
  last_value_kw: number | null;
  relief_kw: number;
  detail: string;
  is_silent: boolean;
  /** came in after another one had fallen out */
  is_replacement: boolean;
}

function deviceRow(event: EventDetail, der_id: string, replacedAt: number | null): DeviceRow {
  const assignment = event.assignments.find((one) => one.der_id === der_id);
  const all = event.instructions.filter((one) => one.der_id === der_id);
  const told = all.filter((one) => one.kind !== 'release');
  const acks = told.map((one) => one.ack_ms).filter((one): one is number => one !== null);
  const unanswered = told.find((one) => ['timeout', 'nacked', 'expired'].includes(one.state));
  const state = assignment?.state ?? all.at(-1)?.state ?? '';
  const firstSeq = Math.min(...all.map((one) => one.seq ?? Number.POSITIVE_INFINITY));
  return {
    der_id,
    der_class: assignment?.der_class ?? '',
    provider: assignment?.provider ?? '',
    state,
    told: told.length,
    acked: told.filter((one) => one.state === 'acked').length,
    first_ack_ms: acks[0] ?? null,
    slowest_ack_ms: acks.length > 0 ? Math.max(...acks) : null,
    first_sent_at: told.find((one) => one.sent_at !== null)?.sent_at ?? null,
    last_value_kw: told.at(-1)?.value_kw ?? null,
    relief_kw: Math.max(0, ...(assignment?.kw.map((slot) => slot.kw) ?? [])),
    detail: unanswered ? unanswered.detail || `${unanswered.state} on attempt ${unanswered.attempt ?? 1}` : '',
    is_silent: state === 'silent' || state === 'refused',
    is_replacement: replacedAt !== null && Number.isFinite(firstSeq) && firstSeq > replacedAt,
  };
}

function firstReplacement(audit: AuditLine[]): number | null {
  return audit.find((one) => one.type === 'dispatch.replace')?.seq ?? null;
}

/** Silent devices first, then in the order in which they were told. */
export function deviceRows(event: EventDetail): DeviceRow[] {
  const ids = [...new Set([...event.instructions, ...event.assignments].map((one) => one.der_id))];
  const replacedAt = firstReplacement(event.audit);
  const rows = ids.map((id) => deviceRow(event, id, replacedAt));
  return rows.sort((a, b) => Number(b.is_silent) - Number(a.is_silent));
}

/** The sentences of the log about devices that were replaced. */
export function replacements(event: Pick<EventDetail, 'audit'>): string[] {
  return event.audit.filter((one) => one.type === 'dispatch.replace' && one.text !== '').map((one) => one.text);
}

export function isTrouble(instruction: Instruction): boolean {
  return ['timeout', 'nacked', 'expired'].includes(instruction.state);
}
