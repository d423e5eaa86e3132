/** The states of an event's life with when each was reached. */

import { parseTime } from '@/lib/time';
import { type EventDetail, type EventState, isOver } from './model';

export type Reached = 'done' | 'now' | 'ahead' | 'skipped';

export interface Station {
  state: EventState;
  reached: Reached;
  /** domain time, milliseconds; null where no moment of the clock tells it */
  at: number | null;
}

const path: readonly EventState[] = ['proposed', 'approved', 'armed', 'notified', 'active'];

/** The moment of the event's clock that begins a state. */
const moments: Readonly<Partial<Record<EventState, string>>> = {
  proposed: 'detected',
  approved: 'authorised',
  armed: 'committed',
  notified: 'fired',
  active: 'sent_first',
  completed: 'relieved',
};

type Lived = Pick<EventDetail, 'state' | 'clock'>;

export function lifeline(event: Lived): Station[] {
  const at = (state: EventState) => {
    const moment = event.clock.find((one) => one.name === moments[state]);
    return moment ? parseTime(moment.at) : null;
  };
  const ended = isOver(event.state);
  const place = path.indexOf(event.state);
  const stations: Station[] = path.map((state, index) => {
    const when = at(state);
    if (ended) {
      return { state, reached: when === null ? 'skipped' : 'done', at: when };
    }
    const isPast = index < place;
    return {
      state,
      reached: index === place ? 'now' : isPast ? (when === null ? 'skipped' : 'done') : 'ahead',
      at: index <= place ? when : null,
    };
  });
  const last: EventState = ended ? event.state : 'completed';
  stations.push({ state: last, reached: ended ? 'now' : 'ahead', at: null });
  return stations;
}

export interface ClockRow {
  name: string;
  words: string;
  at: number | null;
  since_ms: number | null;
}

const momentWords: Readonly<Record<string, string>> = {
  interval_end: 'End of the metered interval',
  received: 'Readings received',
  seen_week_ahead: 'Seen a week ahead',
  cleared: 'Need gone',
  detected: 'Overload detected',
  searched: 'Offers received',
  decided: 'Plan decided',
  authorised: 'Plan authorised',
  committed: 'Contracts confirmed',
  fired: 'Capacity fired',
  activated: 'Activation confirmed',
  sent_first: 'First instruction sent',
  sent_last: 'Last instruction sent',
  acked: 'Instructions acknowledged',
  responding: 'Load responds at the meter',
  relieved: 'Back within the limit',
};

/** In the order in which they happened; what one process measured is ordered by its steady clock. */
export function clockRows(event: Pick<EventDetail, 'clock'>): ClockRow[] {
  const rows = event.clock.map((moment) => ({
    name: moment.name,
    words: momentWords[moment.name] ?? moment.name.replaceAll('_', ' '),
    at: parseTime(moment.at),
    since_ms: moment.since_detection_ms,
  }));
  return rows.sort((a, b) => (a.at ?? 0) - (b.at ?? 0) || (a.since_ms ?? 0) - (b.since_ms ?? 0));
}
