/** What a person has chosen on this machine: theme, zone of the axes, single-key shortcuts. */

import { useSyncExternalStore } from 'react';
import type { Zone } from './time';

export type Theme = 'dark' | 'light';

export interface Preferences {
  theme: Theme;
  zone: Zone;
  shortcuts: boolean;
}

function read(name: string): string | null {
  try {
    return window.localStorage.getItem(`headroom.${name}`);
  } catch {
    return null; // storage is off: the choice lasts as long as the page
  }
}

function write(name: string, value: string): void {
  try {
    window.localStorage.setItem(`headroom.${name}`, value);
  } catch {
    // storage is off: the choice lasts as long as the page
  }
}

let chosen: Preferences = {
  theme: document.documentElement.dataset.theme === 'light' ? 'light' : 'dark',
  zone: read('zone') === 'utc' ? 'utc' : 'local',
  shortcuts: read('shortcuts') !== 'off',
};
const listeners = new Set<() => void>();

export function subscribePreferences(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function preferences(): Preferences {
  return chosen;
}

export function prefer(change: Partial<Preferences>): void {
  chosen = { ...chosen, ...change };
  document.documentElement.dataset.theme = chosen.theme;
  write('theme', chosen.theme);
  write('zone', chosen.zone);
  write('shortcuts', chosen.shortcuts ? 'on' : 'off');
  for (const listener of listeners) {
    listener();
  }
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribePreferences, preferences);
}
