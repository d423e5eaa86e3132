import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { Chart } from '@/components/Chart';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { Panel } from '@/components/Panel';
import { getJson, postJson, type Series } from '@/lib/api';
import type { ChartLine, ChartModel } from '@/lib/chart_model';
import { usePreferences } from '@/lib/preferences';
import { formatDayClock, parseTime } from '@/lib/time';
import { formatShare } from '@/lib/units';
import type { Incident } from './model';
import { accusedText, kindWords, layerWords, mappingText } from './wording';

interface Props {
  incident: Incident;
  now: number;
  /** why nothing may be decided here; empty when it may */
  hindrance: string;
  onDone: () => void;
}

const hour = 3_600_000;
const before = 6 * hour;

type Question = 'dismiss' | 'apply';

/** One incident: what is said against whom, what was read against what stands for it, and what a person may do. */
export function IncidentPanel({ incident, now, hindrance, onDone }: Props) {
  const [question, setQuestion] = useState<Question | null>(null);
  const id = encodeURIComponent(incident.incident_id);
  return (
    <Panel
      className="trust-incident"
      title={`${kindWords[incident.kind] ?? incident.kind} at ${incident.place}`}
      actions={
        incident.open ? (
          <>
            {incident.proposal ? (
              <button type="button" disabled={hindrance !== ''} onClick={() => setQuestion('apply')}>
                Apply the correction…
              </button>
            ) : null}
            <button type="button" disabled={hindrance !== ''} onClick={() => setQuestion('dismiss')}>
              Believe the meter…
            </button>
          </>
        ) : null
      }
    >
      <div className="trust-body">
        <p className="trust-evidence">{incident.evidence}</p>
        <dl className="trust-facts">
          <div>
            <dt>Accused</dt>
            <dd>{accusedText(incident)}</dd>
          </div>
          <div>
            <dt>Found by</dt>
            <dd>{layerWords[incident.layer] ?? incident.layer}</dd>
          </div>
          <div>
            <dt>Confidence</dt>
            <dd>{formatShare(incident.confidence)}</dd>
          </div>
          <div>
            <dt>Since</dt>
            <dd>{formatDayClock(parseTime(incident.opened_at))}</dd>
          </div>
          <div>
            <dt>{incident.open ? 'Newest evidence' : 'Over'}</dt>
            <dd>
              {formatDayClock(parseTime(incident.open ? incident.last_at : incident.closed_at))}
              {incident.open ? null : <span className="dim"> {incident.closed_because}</span>}
            </dd>
          </div>
        </dl>
        {incident.distrusting ? (
          <p>
            The forecast stands for the readings of {incident.meter}. They start, change and end no relief, and nothing
            is bought on them alone.
          </p>
        ) : null}
        {incident.event_id ? (
          <p>
            {incident.open
              ? `What ${incident.meter} delivered is not paid until a person has decided.`
              : 'The event has been settled again.'}{' '}
            <Link href={`/events/${encodeURIComponent(incident.event_id)}`}>Open the event</Link>
          </p>
        ) : null}
        {incident.proposal ? (
          <p>
            Proposed correction: {incident.proposal.proposal}{' '}
            <span className="dim">({mappingText(incident.proposal)})</span>
          </p>
        ) : null}
        {hindrance && incident.open ? <p className="dim">{hindrance}</p> : null}
        {incident.meter ? <ReadingChart incident={incident} now={now} /> : null}
      </div>
      {question === 'dismiss' ? (
        <ConfirmDialog
          title={`Believe ${accusedText(incident)}`}
          confirmWord="Believe the meter"
          onClose={() => setQuestion(null)}
          onConfirm={async (reason) => {
            await postJson(`/api/v1/trust/incidents/${id}/dismiss`, { reason });
            onDone();
          }}
        >
          <p>
            The incident is over. Readings from now on are believed, and nothing of this kind is opened here for a day.
          </p>
        </ConfirmDialog>
      ) : null}
      {question === 'apply' && incident.proposal ? (
        <ConfirmDialog
          title={`Correct the readings of ${incident.proposal.meter}`}
          confirmWord="Apply the correction"
          onClose={() => setQuestion(null)}
          onConfirm={async (reason) => {
            await postJson('/api/v1/trust/corrections', { incident_id: incident.incident_id, reason });
            onDone();
          }}
        >
          <p>
            {incident.proposal.proposal}: {mappingText(incident.proposal)}. From the next reading on, and for the
            half-hours that forecasts are made from. The readings as the meter has them are kept, and it can be taken
            back.
          </p>
        </ConfirmDialog>
      ) : null}
    </Panel>
  );
}

function lineOf(series: Series | undefined, line: Omit<ChartLine, 'times' | 'values'>): ChartLine[] {
  const start = parseTime(series?.start);
  if (!series || start === null || series.values.length === 0) {
    return [];
  }
  const times = series.values.map((_, index) => start + index * series.step_s * 1000);
  return [{ ...line, times, values: series.values }];
}

/** Reading against what stands for it. */
function ReadingChart({ incident, now }: { incident: Incident; now: number }) {
  const { zone } = usePreferences();
  const [phase, setPhase] = useState('sum');
  const opened = parseTime(incident.opened_at) ?? now;
  const from = opened - before;
  const to = Math.max(opened + 2 * hour, Math.min(parseTime(incident.closed_at) ?? now, opened + 24 * hour) + hour);
  const point = `${incident.meter}/p_kw/${phase}`;
  const range = { point, from: new Date(from).toISOString(), to: new Date(Math.min(to, now + 60_000)).toISOString() };
  const read = (step: number) => ({
    queryKey: ['series', point, from, to, step],
    queryFn: ({ signal }: { signal: AbortSignal }) => getJson<Series>('/api/v1/series', { ...range, step }, signal),
    refetchInterval: 10_000,
  });
  const minutes = useQuery(read(60));
  const halfHours = useQuery(read(1800));
  const model: ChartModel = useMemo(
    () => ({
      lines: [
        ...lineOf(halfHours.data, { key: 'stands', label: 'what stands for it', style: 'median', stepped: true }),
        ...lineOf(minutes.data, { key: 'measured', label: 'as it was read', style: 'measured' }),
      ],
      bands: [],
      windows: [{ from: opened, to: parseTime(incident.closed_at) ?? now, label: 'in doubt' }],
      now,
      from,
      to,
    }),
    [minutes.data, halfHours.data, opened, incident.closed_at, now, from, to],
  );
  return (
    <div className="trust-chart">
      <div className="trust-phases">
        {['sum', 'L1', 'L2', 'L3'].map((one) => (
          <button key={one} type="button" aria-pressed={one === phase} onClick={() => setPhase(one)}>
            {one}
          </button>
        ))}
        <span className="dim">thick: as it was read; thin: the half-hours that count</span>
      </div>
      {model.lines.length > 0 ? (
        <Chart label={`Readings of ${point} and the half-hours that stand for them`} model={model} zone={zone} />
      ) : (
        <p className="trust-none">
          {minutes.isPending ? 'Reading…' : `No readings of ${point} are kept for this time.`}
        </p>
      )}
    </div>
  );
}
