/** Words of the trust page: kinds, layers, corrections. */

import type { Level } from '@/lib/level';
import { formatNumber } from '@/lib/units';
import type { Correction, Incident, Place } from './model';

export const kindWords: Record<string, string> = {
  tampering: 'suspected tampering',
  commissioning: 'wrong connection',
  masking: 'suspected masking',
  baseline_inflation: 'inflated baseline',
  flat_delivery: 'flat-lined delivery',
  communication: 'communication',
};

export const layerWords: Record<string, string> = {
  validation: 'validation',
  balance: 'balance of the busbar',
  residual: 'own forecast',
  state: 'state estimation',
  innovation: 'state against its past',
  replay: 'replay',
  masking: 'forecast and neighbours',
  univariate: 'own past',
};

export const stateWords: Record<Place['state'], string> = {
  waiting: 'nothing to compare',
  learning: 'learning',
  watching: 'watching',
};

export const howWords: Record<Place['how'], string> = {
  balance: 'busbar and feeders together',
  alone: 'each feeder by itself',
  none: '',
};

/** How much of an alarm an incident is. */
export function incidentLevel(incident: Incident): Level {
  if (!incident.open) {
    return 'normal';
  }
  if (incident.kind === 'tampering' || incident.kind === 'masking') {
    return incident.distrusting ? 'over' : 'tight';
  }
  return incident.kind === 'communication' ? 'near' : 'tight';
}

/** "L1 × −1, L2 × −1, L3 × −1", and the phase that each is taken from where it is another. */
export function mappingText(correction: Correction): string {
  return correction.factor
    .map((factor, index) => {
      const from = correction.order[index] ?? index + 1;
      const source = from === index + 1 ? '' : ` from the meter’s L${from}`;
      const digits = Number.isInteger(factor) ? 0 : 3;
      return `L${index + 1} × ${formatNumber(factor, digits)}${source}`;
    })
    .join(', ');
}

/** Who is accused, in words. */
export function accusedText(incident: Incident): string {
  if (incident.meter === '') {
    return incident.kind === 'communication' ? 'the way of the readings' : 'no meter can be named';
  }
  return incident.meter === incident.place ? `${incident.meter} (the busbar)` : incident.meter;
}
