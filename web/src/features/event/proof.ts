/** Fetches an entry, the newest checkpoint and the entry's proof, and checks them here, not at the server. */

import { getJson, Problem } from '@/lib/api';
import { type CheckedEntry, type Checkpoint, canonical, checkInclusion, ProofFault, readCheckpoint } from './merkle';

type Answer = Record<string, unknown>;

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** From the signed note itself: that is the text which others check too. */
export function checkpointOf(answer: Answer): Checkpoint {
  if (typeof answer.note !== 'string') {
    throw new ProofFault('the checkpoint does not read');
  }
  return readCheckpoint(answer.note);
}

/** The exact bytes of the leaf: the entry in its canonical form, of version 1 of the entry's format. */
export function leafOf(answer: Answer, seq: number): string {
  const entry = listOf(answer.entries)[0] as Answer | undefined;
  if (entry?.seq !== seq) {
    throw new ProofFault(`the log did not give entry ${seq}`);
  }
  return canonical({ v: 1, ...entry });
}

export async function verifyEntry(seq: number): Promise<CheckedEntry> {
  if (!globalThis.crypto?.subtle) {
    throw new ProofFault('this browser hashes only over HTTPS or on localhost; use `headroom audit verify`');
  }
  const checkpoint = checkpointOf(await getJson<Answer>('/api/v1/audit/checkpoint'));
  if (seq >= checkpoint.size) {
    throw new ProofFault(`no checkpoint covers entry ${seq} yet; one is signed within a second, try again`);
  }
  const [entries, proof] = await Promise.all([
    getJson<Answer>('/api/v1/audit/entries', { from: seq, limit: 1 }),
    getJson<Answer>('/api/v1/audit/proof/inclusion', { index: seq, size: checkpoint.size }),
  ]);
  const path = listOf(proof.hashes).map(String);
  return checkInclusion(leafOf(entries, seq), seq, path, checkpoint);
}

export function proofWords(fault: unknown): string {
  if (fault instanceof Problem) {
    if (fault.status === 403) {
      return 'Reading the log needs the role auditor.';
    }
    return fault.detail || fault.title;
  }
  return fault instanceof Error ? fault.message : String(fault);
}
