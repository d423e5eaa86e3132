/**
 * The live doors. `EventLog` follows the durable log on `/ws`: every entry once, in order, over any number of
 * reconnects. `StateChannel` follows the lossy `/ws/state`, and its silence is how a page learns that the server
 * is gone. Both take their socket, clock and timers from outside, so that tests can hold them.
 */

import type { LogEntry, StateMessage } from './contract';

/** The part of a WebSocket that is used here. */
export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  onerror: (() => void) | null;
  close(): void;
}

export interface Surroundings {
  open(url: string): SocketLike;
  /** steady milliseconds */
  now(): number;
  setTimer(action: () => void, ms: number): number;
  clearTimer(timer: number): void;
  /** 0 to 1, spreads reconnects of many pages */
  random(): number;
}

export function browserSurroundings(): Surroundings {
  const base = `${window.location.protocol === 'https:' ? 'wss' : 'ws'}://${window.location.host}`;
  return {
    open: (url) => new WebSocket(base + url) as SocketLike,
    now: () => performance.now(),
    setTimer: (action, ms) => window.setTimeout(action, ms),
    clearTimer: (timer) => window.clearTimeout(timer),
    random: () => Math.random(),
  };
}

/** Silence after which the page is no longer a picture of now; with the check every 250 ms, below 5 s. */
export const staleAfterMs = 4_200;
const checkEveryMs = 250;
const firstDelayMs = 250;
const longestDelayMs = 4_000;
const connectTimeoutMs = 4_000;

/** Keeps one socket open: reconnects with growing, spread delays until `stop`. */
class Connection {
  private socket: SocketLike | null = null;
  private timer: number | null = null;
  private attempts = 0;
  private stopped = false;

  constructor(
    private readonly around: Surroundings,
    private readonly url: () => string,
    private readonly onData: (data: unknown) => void,
    private readonly onDown: () => void = () => undefined,
  ) {}

  start(): void {
    this.stopped = false;
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    this.clearTimer();
    this.drop();
  }

  /** Gives the present socket up and opens another. */
  restart(): void {
    if (this.stopped) {
      return;
    }
    this.drop();
    this.later();
  }

  /** A message that made sense: the next fault starts again with short delays. */
  settled(): void {
    this.attempts = 0;
  }

  private connect(): void {
    this.clearTimer();
    const socket = this.around.open(this.url());
    this.socket = socket;
    const lost = () => {
      if (this.socket === socket) {
        this.drop();
        this.onDown();
        this.later();
      }
    };
    this.timer = this.around.setTimer(lost, connectTimeoutMs);
    socket.onopen = () => this.clearTimer();
    socket.onmessage = (event) => {
      if (this.socket === socket) {
        this.onData(event.data);
      }
    };
    socket.onclose = lost;
    socket.onerror = lost;
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    if (socket) {
      socket.onopen = null;
      socket.onmessage = null;
      socket.onclose = null;
      socket.onerror = null;
      socket.close();
    }
  }

  private later(): void {
    if (this.stopped) {
      return;
    }
    this.clearTimer();
    const full = Math.min(longestDelayMs, firstDelayMs * 2 ** this.attempts);
    this.attempts += 1;
    this.timer = this.around.setTimer(() => this.connect(), full * (0.5 + this.around.random() / 2));
  }

  private clearTimer(): void {
    if (this.timer !== null) {
      this.around.clearTimer(this.timer);
      this.timer = null;
    }
  }
}

function parse(data: unknown): Record<string, unknown> | null {
  if (typeof data !== 'string') {
    return null;
  }
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null; // not ours: as if it had not come
  }
}

export interface EventLogListener {
  onEntry(entry: LogEntry): void;
  /** The log could not be followed without a gap (too far behind, or another log): read everything anew. */
  onReset(): void;
}

/** Follows `/ws?since=N`. */
export class EventLog {
  private readonly connection: Connection;
  private lastSeq: number | null = null;
  private anyNext = false;
  private gapAt: number | null = null;

  constructor(
    around: Surroundings,
    private readonly listener: EventLogListener,
  ) {
    this.connection = new Connection(
      around,
      () => (this.lastSeq === null ? '/ws' : `/ws?since=${this.lastSeq}`),
      (data) => this.take(data),
    );
  }

  start(): void {
    this.connection.start();
  }

  stop(): void {
    this.connection.stop();
  }

  /** Asks anew from the last entry seen: after the page has slept, or the state channel went silent. */
  resume(): void {
    this.connection.restart();
  }

  /** The last entry seen; null before the first word of the server. */
  get seq(): number | null {
    return this.lastSeq;
  }

  private take(data: unknown): void {
    const message = parse(data);
    if (!message || typeof message.seq !== 'number' || typeof message.type !== 'string') {
      return;
    }
    const seq = message.seq;
    if (message.type === 'hello') {
      this.hello(seq);
      return;
    }
    if (message.type === 'snapshot') {
      this.lastSeq = seq;
      this.anyNext = true;
      this.listener.onReset();
      return;
    }
    this.entry(message as unknown as LogEntry);
  }

  private hello(seq: number): void {
    this.connection.settled();
    if (this.lastSeq === null) {
      this.lastSeq = seq;
    } else if (seq < this.lastSeq) {
      this.lastSeq = seq; // another log under the same address: a new data directory
      this.listener.onReset();
    }
  }

  private entry(entry: LogEntry): void {
    const last = this.lastSeq;
    if (last !== null && !this.anyNext) {
      if (entry.seq <= last) {
        return; // seen
      }
      if (entry.seq > last + 1) {
        this.gap(last);
        return;
      }
    }
    this.anyNext = false;
    this.gapAt = null;
    this.lastSeq = entry.seq;
    this.connection.settled();
    this.listener.onEntry(entry);
  }

  /** Asks again from where the gap begins; if the server skips it a second time, it has no more to give. */
  private gap(last: number): void {
    if (this.gapAt === last) {
      this.gapAt = null;
      this.anyNext = true;
      this.listener.onReset();
    } else {
      this.gapAt = last;
    }
    this.connection.restart();
  }
}

export interface StateListener {
  onState(message: StateMessage): void;
  /** `live` false: nothing was heard for `staleAfterMs`; what is shown is old and writes are off. */
  onLive(live: boolean): void;
}

/** Follows `/ws/state?topics=header,feeders`. */
export class StateChannel {
  private readonly connection: Connection;
  private heardAt: number;
  private live = false;
  private watch: number | null = null;

  constructor(
    private readonly around: Surroundings,
    private readonly listener: StateListener,
    topics = 'header,feeders',
  ) {
    this.heardAt = around.now();
    this.connection = new Connection(
      around,
      () => `/ws/state?topics=${topics}`,
      (data) => this.take(data),
    );
  }

  start(): void {
    this.heardAt = this.around.now();
    this.connection.start();
    this.check();
  }

  stop(): void {
    if (this.watch !== null) {
      this.around.clearTimer(this.watch);
      this.watch = null;
    }
    this.connection.stop();
  }

  /** Milliseconds since the server was last heard. */
  silence(): number {
    return this.around.now() - this.heardAt;
  }

  private take(data: unknown): void {
    const message = parse(data);
    if (!message || typeof message.topic !== 'string') {
      return;
    }
    this.heardAt = this.around.now();
    this.connection.settled();
    this.set(true);
    this.listener.onState(message as unknown as StateMessage);
  }

  private check(): void {
    if (this.silence() > staleAfterMs) {
      const wasLive = this.live;
      this.set(false);
      if (wasLive) {
        this.connection.restart();
      }
    }
    this.watch = this.around.setTimer(() => this.check(), checkEveryMs);
  }

  private set(live: boolean): void {
    if (this.live !== live) {
      this.live = live;
      this.listener.onLive(live);
    }
  }
}
