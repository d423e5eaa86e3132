/**
 * Inclusion in the audit log, checked in the browser: the leaf is hashed from the entry itself and folded with the
 * proof's hashes up to the checkpoint's root. Source: docs/formats/audit.md, RFC 6962 §2.1.
 */

export class ProofFault extends Error {}

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** RFC 8785 of what an audit entry may hold: whole numbers, keys sorted by bytes, no blank. */
export function canonical(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') {
    return JSON.stringify(value);
  }
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) {
      throw new ProofFault(`the entry holds ${value}, which is no whole number below 2^53`);
    }
    return String(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(',')}]`;
  }
  const object = value as { [key: string]: Json };
  const members = Object.keys(object)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(object[key])}`);
  return `{${members.join(',')}}`;
}

export type Bytes = Uint8Array<ArrayBuffer>;

function joined(first: number, ...parts: Bytes[]): Bytes {
  const out = new Uint8Array(1 + parts.reduce((sum, part) => sum + part.length, 0));
  out[0] = first;
  let at = 1;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

export function leafHash(entry: string): Promise<Bytes> {
  return sha256(joined(0, new TextEncoder().encode(entry) as Bytes));
}

function nodeHash(left: Bytes, right: Bytes): Promise<Bytes> {
  return sha256(joined(1, left, right));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** 32 bytes, written as 64 hex digits or as base64. */
export function readHash(text: string): Bytes {
  if (/^[0-9a-f]{64}$/.test(text)) {
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  }
  if (/^[A-Za-z0-9+/]{43}=$/.test(text)) {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  }
  throw new ProofFault('a hash of the proof is not 32 bytes');
}

/** The root that `leaf` at `index` and `path` make in a tree of `size` leaves. Throws `ProofFault` when they do not fit. */
export async function rootFromPath(leaf: Bytes, index: number, size: number, path: Bytes[]): Promise<Bytes> {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) {
    throw new ProofFault(`entry ${index} is not in a log of ${size} entries`);
  }
  let node = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0) {
      throw new ProofFault('the proof has hashes left over');
    }
    if (node % 2 === 1 || node === last) {
      hash = await nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = await nodeHash(hash, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  if (last !== 0) {
    throw new ProofFault('hashes are missing in the proof');
  }
  return hash;
}

export interface Checkpoint {
  origin: string;
  size: number;
  /** 64 hex digits */
  root: string;
}

/** Reads the text of a signed note: origin, size, root in base64. Its signature is for `headroom audit verify`. */
export function readCheckpoint(note: string): Checkpoint {
  const [origin = '', size = '', root = ''] = note.split('\n');
  if (origin === '' || !/^(0|[1-9][0-9]*)$/.test(size)) {
    throw new ProofFault('the checkpoint does not read');
  }
  return { origin, size: Number(size), root: toHex(readHash(root)) };
}

export interface CheckedEntry {
  index: number;
  size: number;
  root: string;
  leaf: string;
  hashes: number;
}

/** Throws `ProofFault` with the reason when `entry` is not what `checkpoint` covers. */
export async function checkInclusion(
  entry: string,
  index: number,
  path: string[],
  checkpoint: Checkpoint,
): Promise<CheckedEntry> {
  const leaf = await leafHash(entry);
  const root = toHex(await rootFromPath(leaf, index, checkpoint.size, path.map(readHash)));
  if (root !== checkpoint.root) {
    throw new ProofFault(
      `the proof leads to root ${root.slice(0, 12)}…, the checkpoint has ${checkpoint.root.slice(0, 12)}…`,
    );
  }
  return { index, size: checkpoint.size, root, leaf: toHex(leaf), hashes: path.length };
}
