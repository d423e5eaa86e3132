/** How near a feeder is to its limit, in the four words of the header's counts. */

export type Level = 'over' | 'tight' | 'near' | 'normal' | 'unknown';

export const levelWords: Record<Level, string> = {
  over: 'constrained',
  tight: '< 10 %',
  near: '< 25 %',
  normal: 'normal',
  unknown: 'unknown',
};

/** From headroom over limit; the bounds are the server's own. */
export function levelOf(share: number | null | undefined): Level {
  if (typeof share !== 'number' || !Number.isFinite(share)) {
    return 'unknown';
  }
  if (share < 0) {
    return 'over';
  }
  return share < 0.1 ? 'tight' : share < 0.25 ? 'near' : 'normal';
}
