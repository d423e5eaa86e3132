import { formatClock, type Zone } from '@/lib/time';
import { lifeline, type Station } from './lifeline';
import { type EventDetail, isOver } from './model';

const reachedWords = { done: 'reached', now: 'now', ahead: 'ahead', skipped: 'not passed through' } as const;
const marks = { done: '●', now: '◆', ahead: '○', skipped: '–' } as const;

function isFinal(station: Station): boolean {
  return station.reached === 'now' && isOver(station.state);
}

function Chip({ station, zone }: { station: Station; zone: Zone }) {
  return (
    <li
      className={`ev-station ev-station-${station.reached} ev-state-${station.state}`}
      aria-current={station.reached === 'now' ? 'step' : undefined}
    >
      <span aria-hidden="true" className="ev-station-mark">
        {marks[station.reached]}
      </span>
      <span className="ev-station-name">{station.state}</span>
      <span className="ev-station-time">
        {station.at === null
          ? isFinal(station)
            ? 'final state'
            : reachedWords[station.reached]
          : formatClock(station.at, zone, true)}
      </span>
    </li>
  );
}

export function Lifeline({ event, zone }: { event: EventDetail; zone: Zone }) {
  return (
    <ol className="ev-lifeline" aria-label="Life of the event, domain time">
      {lifeline(event).map((station) => (
        <Chip key={station.state} station={station} zone={zone} />
      ))}
    </ol>
  );
}
