/** What the live doors have told, where React and the map can look it up. One per page load. */

import { useSyncExternalStore } from 'react';
import type { FeedersMessage, LogEntry, Status } from './contract';
import { browserSurroundings, EventLog, StateChannel } from './live';

export interface LiveState {
  /** false: silent for more than 5 s, or not heard yet */
  live: boolean;
  /** heard at least once */
  heard: boolean;
  status: Status | null;
  /** feeder ids in the order of `feeders`' arrays */
  layout: string[];
  feeders: FeedersMessage | null;
  /** newest last, at most `entriesKept` */
  entries: LogEntry[];
  /** rises whenever the log moved on or everything must be read anew */
  revision: number;
  /** the browser's clock against the server's, in milliseconds */
  skewMs: number;
}

const entriesKept = 500;

let state: LiveState = {
  live: false,
  heard: false,
  status: null,
  layout: [],
  feeders: null,
  entries: [],
  revision: 0,
  skewMs: 0,
};
const listeners = new Set<() => void>();
const entryListeners = new Set<(entry: LogEntry | null) => void>();

function set(change: Partial<LiveState>): void {
  state = { ...state, ...change };
  for (const listener of listeners) {
    listener();
  }
}

export function liveState(): LiveState {
  return state;
}

export function subscribeLive(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Called with each new entry of the log; with null when everything must be read anew. */
export function onLogEntry(listener: (entry: LogEntry | null) => void): () => void {
  entryListeners.add(listener);
  return () => entryListeners.delete(listener);
}

/** One value of the live state; the component renders again only when that value changes. */
export function useLive<T>(pick: (state: LiveState) => T): T {
  return useSyncExternalStore(subscribeLive, () => pick(state));
}

/** What was followed since the page was loaded, for tests and for a question at the desk: `window.__headroom`. */
const followed = {
  first_seq: null as number | null,
  last_seq: null as number | null,
  entries: 0,
  /** how often everything had to be read anew */
  resets: 0,
};
if (typeof window !== 'undefined') {
  Object.assign(window, { __headroom: followed });
}

function count(entry: LogEntry | null): void {
  if (entry === null) {
    followed.resets += 1;
    return;
  }
  followed.first_seq ??= entry.seq;
  followed.last_seq = entry.seq;
  followed.entries += 1;
}

function tell(entry: LogEntry | null): void {
  count(entry);
  for (const listener of entryListeners) {
    listener(entry);
  }
}

/** Opens both doors; returns how to close them. */
export function startLive(): () => void {
  const around = browserSurroundings();
  const log = new EventLog(around, {
    onEntry: (entry) => {
      set({ entries: [...state.entries, entry].slice(-entriesKept), revision: state.revision + 1 });
      tell(entry);
    },
    onReset: () => {
      set({ entries: [], revision: state.revision + 1 });
      tell(null);
    },
  });
  const channel = new StateChannel(around, {
    onState: (message) => {
      if (message.topic === 'header') {
        set({ status: message, skewMs: Date.now() - Date.parse(message.wall_now) });
      } else if (message.topic === 'layout') {
        // Arrays in the order of the former layout mean nothing any more.
        set({ layout: message.feeder_ids, feeders: null });
      } else if (message.topic === 'feeders') {
        set({ feeders: message });
      }
    },
    onLive: (live) => {
      set(live ? { live, heard: true } : { live });
      if (!live) {
        log.resume();
      }
    },
  });
  log.start();
  channel.start();
  return () => {
    log.stop();
    channel.stop();
  };
}
