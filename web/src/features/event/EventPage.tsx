import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link } from 'wouter';
import { getSession } from '@/lib/api';
import { useLive } from '@/lib/live_store';
import { usePreferences } from '@/lib/preferences';
import { formatDate, formatWindow, parseTime, type Zone, zoneName } from '@/lib/time';
import { formatPower } from '@/lib/units';
import { Actions } from './Actions';
import { Audit } from './Audit';
import { Chart } from './Chart';
import { Clock } from './Clock';
import { Dispatch } from './Dispatch';
import { headline } from './headline';
import { Lifeline } from './Lifeline';
import { Market } from './Market';
import { type EventDetail, isSeenAhead, placeOf } from './model';
import { Plans } from './Plans';
import { ReplayPanel } from './Replay';
import { Section } from './Section';
import { Settlement } from './Settlement';
import { useEventDetail, useEventSeries } from './useEvent';
import './event.css';

interface StoryProps {
  event: EventDetail;
  zone: Zone;
  role: string | null;
}

function Missing({ title, text }: { title: string; text: string }) {
  return (
    <div className="ev-page ev-missing">
      <h1>{title}</h1>
      <p>{text}</p>
      <p>
        <Link href="/">Back to the overview</Link>
      </p>
    </div>
  );
}

function Head({ event, zone, simulated }: { event: EventDetail; zone: Zone; simulated: boolean }) {
  const { sentence, tone } = headline(event, zone);
  const start = parseTime(event.start);
  return (
    <header className="ev-head">
      <p className="ev-kicker">
        <span className="ev-id">{event.event_id}</span>
        <span>
          {formatDate(start, zone)}, {formatWindow(start, parseTime(event.end), zone)} {zoneName(start ?? 0, zone)}
        </span>
        {simulated ? <span className="ev-simulated">SIMULATED physics, real latencies</span> : null}
      </p>
      <h1 className={`ev-headline ev-tone-${tone}`}>{sentence}</h1>
      {event.note && event.outcome !== 'relieved' ? <p className="ev-remark">{event.note}</p> : null}
      <Lifeline event={event} zone={zone} />
      <dl className="ev-facts">
        <Fact term="Peak without" text={formatPower(event.peak_without_kw)} />
        <Fact term="Peak with" text={formatPower(event.peak_with_kw)} />
        <Fact term="Limit" text={formatPower(event.limit_kw)} />
        <Fact term="Needed" text={formatPower(event.required_kw)} />
        <Fact term="Contracted" text={formatPower(event.contracted_kw)} />
        <Fact term="Delivered" text={event.statement ? formatPower(event.delivered_kw) : 'not settled'} />
        <Fact term="Uncovered" text={formatPower(event.shortfall_kw)} />
        <Fact term="Authority" text={event.authority || 'none yet'} />
        {isSeenAhead(event) ? <Fact term="Seen" text="week ahead, by an outlook" /> : null}
      </dl>
      {event.alarms.map((alarm) => (
        <p key={`${alarm.at}${alarm.kind}`} className="ev-warning">
          <span aria-hidden="true">■</span> {alarm.detail || alarm.kind}
        </p>
      ))}
    </header>
  );
}

function Fact({ term, text }: { term: string; text: string }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{text}</dd>
    </div>
  );
}

function Story({ event, zone, role }: StoryProps) {
  const client = useQueryClient();
  const live = useLive((state) => state.live);
  const now = useLive((state) => state.status?.now ?? null);
  const isSimulated = useLive((state) => state.status?.mode.simulated ?? false);
  const measured = useEventSeries(event, 'measured', live);
  const without = useEventSeries(event, 'without', live);
  const simulated = isSimulated || event.limit.source.startsWith('simulated');
  const data = simulated ? 'simulated data' : undefined;
  const onDone = () => void client.invalidateQueries({ queryKey: ['event', event.event_id] });
  return (
    <article className="ev-page" data-event-id={event.event_id} data-state={event.state}>
      <Head event={event} zone={zone} simulated={simulated} />
      <Actions event={event} asking={{ role, live }} domainNow={parseTime(now)} zone={zone} onDone={onDone} />
      <div className="ev-columns ev-columns-chart">
        <Section id="load" title={`Load of ${placeOf(event)}`} note={data}>
          <Chart event={event} measured={measured} without={without} zone={zone} />
        </Section>
        <Section id="clock" title="Detection and clock" note="domain time and wall clock">
          <Clock event={event} zone={zone} />
        </Section>
      </div>
      <Section id="plans" title="Alternatives, plan and reasons" note={data}>
        <Plans plans={event.plans} zone={zone} />
      </Section>
      <Section id="market" title="Market: providers, messages, contracts" note="latencies are wall clock">
        <Market event={event} zone={zone} />
      </Section>
      <Section
        id="dispatch"
        title="Instructions and acknowledgements"
        note={simulated ? 'simulated devices, wall-clock latencies' : undefined}
      >
        <Dispatch event={event} zone={zone} />
      </Section>
      <Section id="settlement" title="Delivered and paid" note={data}>
        <Settlement event={event} zone={zone} />
      </Section>
      <Section id="replay" title="Replay">
        <ReplayPanel id={event.event_id} last={event.replay} live={live} />
      </Section>
      <Section id="audit" title="Audit log" note="wall clock">
        <Audit lines={event.audit} zone={zone} live={live} />
      </Section>
    </article>
  );
}

/** One event's whole story, live while it happens. */
export function EventPage({ eventId }: { eventId: string }) {
  const { data, error } = useEventDetail(eventId);
  const { zone } = usePreferences();
  const session = useQuery({ queryKey: ['session'], queryFn: ({ signal }) => getSession(signal), staleTime: 60_000 });
  useEffect(() => {
    document.title = data ? `${placeOf(data)} ${data.state} · Headroom` : 'Event · Headroom';
    return () => {
      document.title = 'Headroom';
    };
  }, [data]);
  if (data) {
    return <Story key={eventId} event={data} zone={zone} role={session.data?.role ?? null} />;
  }
  if (error?.status === 404) {
    return (
      <Missing
        title="No such event"
        text={`The log knows no event ${eventId}. It may belong to another data directory.`}
      />
    );
  }
  if (error && error.status !== 0) {
    return <Missing title="The event could not be read" text={error.detail || error.title} />;
  }
  return (
    <div className="ev-page" aria-busy="true">
      <p role="status">{error ? 'The server does not answer; asking again…' : `Reading event ${eventId}…`}</p>
    </div>
  );
}
