/** The REST door: one way to ask, one way to fail. */

import type { Session } from './contract';

export * from './contract';

/** The sign-in page's own name for where to go afterwards. */
export const loginPath = '/login';

/** What the server refused and why, as it said it (RFC 9457), or that it was not reached. */
export class Problem extends Error {
  constructor(
    /** HTTP status; 0 when no answer came */
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    /** fields the server found fault with: JSON Pointer → what is wrong */
    readonly fields: Record<string, string> = {},
    /** when to try again, of a 429 or 503 */
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(detail || title);
    this.name = 'Problem';
  }
}

const requestTimeoutMs = 10_000;

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

async function problemOf(response: Response): Promise<Problem> {
  let body: Record<string, unknown> = {};
  try {
    body = record(await response.json());
  } catch {
    body = {}; // a proxy's page, not ours: the status has to do
  }
  const fields: Record<string, string> = {};
  for (const entry of Array.isArray(body.errors) ? body.errors : []) {
    const { pointer, detail } = record(entry);
    if (typeof pointer === 'string') {
      fields[pointer] = String(detail ?? '');
    }
  }
  const retry = Number(response.headers.get('Retry-After'));
  return new Problem(
    response.status,
    typeof body.title === 'string' ? body.title : response.statusText || `HTTP ${response.status}`,
    typeof body.detail === 'string' ? body.detail : '',
    fields,
    Number.isFinite(retry) && retry > 0 ? retry : null,
  );
}

async function send(path: string, init: RequestInit, timeoutMs = requestTimeoutMs): Promise<Response> {
  const late = AbortSignal.timeout(timeoutMs);
  const signal = init.signal ? anySignal([init.signal, late]) : late;
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init, signal });
  } catch (cause) {
    if (init.signal?.aborted) {
      throw cause;
    }
    throw new Problem(0, 'No answer', 'The server does not answer. Is `headroom serve` running?');
  }
  if (!response.ok) {
    throw await problemOf(response);
  }
  return response;
}

/** `AbortSignal.any` where the browser has it not yet. */
function anySignal(signals: AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) {
      controller.abort(signal.reason);
    } else {
      signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
    }
  }
  return controller.signal;
}

/** `GET path` with the parameters that are set. */
export async function getJson<T>(
  path: string,
  query: Record<string, string | number | null | undefined> = {},
  signal?: AbortSignal,
): Promise<T> {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') {
      search.set(name, String(value));
    }
  }
  const text = search.toString();
  const init: RequestInit = { headers: { Accept: 'application/json' } };
  if (signal) {
    init.signal = signal;
  }
  return (await send(text ? `${path}?${text}` : path, init)).json() as Promise<T>;
}

/** The same as text of another kind, for files. */
export async function getText(
  path: string,
  accept: string,
  query: Record<string, string | number | null | undefined> = {},
): Promise<string> {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') {
      search.set(name, String(value));
    }
  }
  const text = search.toString();
  return (await send(text ? `${path}?${text}` : path, { headers: { Accept: accept } })).text();
}

/** A new key for a write; the same write tried again keeps its key, so that it happens once. */
export function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export interface WriteOptions {
  /** kept over retries of one write; a fresh one when not given */
  key?: string;
  /** ask what would happen, change nothing */
  dryRun?: boolean;
  method?: 'POST' | 'DELETE';
  /** how long to wait; 10 s when not given */
  timeoutMs?: number;
}

/** Writes. The answer's body, or null when there is none (204). */
export async function postJson<T>(path: string, body: unknown, options: WriteOptions = {}): Promise<T | null> {
  const init: RequestInit = {
    method: options.method ?? 'POST',
    headers: {
      Accept: 'application/json',
      'Content-Type': 'application/json',
      'Idempotency-Key': options.key ?? idempotencyKey(),
    },
    body: JSON.stringify(body),
  };
  const response = await send(options.dryRun ? `${path}?dry_run=true` : path, init, options.timeoutMs);
  return response.status === 204 ? null : ((await response.json()) as T);
}

/** Every page of a list, at most `max` items of it. */
export async function getAll<T>(
  path: string,
  name: string,
  query: Record<string, string | number | null | undefined> = {},
  signal?: AbortSignal,
  max = 20_000,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Record<string, unknown> = await getJson(path, { limit: 1000, ...query, cursor }, signal);
    items.push(...((page[name] as T[] | undefined) ?? []));
    cursor = typeof page.next_cursor === 'string' ? page.next_cursor : null;
  } while (cursor && items.length < max);
  return items;
}

/** Who is asking. A server without identity (older, or loopback only) is the marked demo person. */
export async function getSession(signal?: AbortSignal): Promise<Session> {
  try {
    return await getJson<Session>('/api/v1/session', {}, signal);
  } catch (fault) {
    if (fault instanceof Problem && fault.status === 404) {
      return { user: 'demo-user', role: 'admin', is_demo: true, auth_required: false, authenticated: true };
    }
    throw fault;
  }
}

const roleOrder = ['viewer', 'operator', 'approver', 'engineer', 'admin'];

/** Whether a session may do what needs `role`; the server decides in the end. */
export function roleAllows(session: Session | undefined, role: string): boolean {
  if (!session?.role) {
    return false;
  }
  if (session.role === 'admin' || session.role === role) {
    return true;
  }
  return roleOrder.indexOf(session.role) >= roleOrder.indexOf(role) && roleOrder.includes(role);
}
