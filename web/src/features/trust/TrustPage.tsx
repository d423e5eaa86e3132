import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { StatusMark } from '@/components/StatusMark';
import { type Column, Table } from '@/components/Table';
import { getJson, postJson, roleAllows, type Session } from '@/lib/api';
import { formatDayClock, parseTime } from '@/lib/time';
import { formatCount, formatNumber, formatShare, missing } from '@/lib/units';
import { IncidentPanel } from './IncidentPanel';
import type { Correction, Incident, Place, Trust } from './model';
import { accusedText, howWords, incidentLevel, kindWords, layerWords, mappingText, stateWords } from './wording';
import './trust.css';

const pageSize = 50;

/** Which readings can be believed: incidents with their evidence, corrections in force, what is watched. */
export function TrustPage({ session }: { session: Session }) {
  const [search, setSearch] = useSearchParams();
  const [cursors, setCursors] = useState<string[]>([]);
  const queries = useQueryClient();
  const open = search.get('open') === 'true';
  const cursor = cursors.at(-1) ?? null;
  const trust = useQuery({
    queryKey: ['trust', open, cursor],
    queryFn: ({ signal }) =>
      getJson<Trust>('/api/v1/trust', { open: open ? 'true' : null, limit: pageSize, cursor }, signal),
    refetchInterval: 5_000,
    placeholderData: keepPreviousData,
  });
  const places = useQuery({
    queryKey: ['trust', 'places'],
    queryFn: ({ signal }) => getJson<{ places: Place[] }>('/api/v1/trust/places', { limit: pageSize }, signal),
    refetchInterval: 10_000,
  });
  if (trust.isError && !trust.data) {
    return (
      <Notice title="What is in doubt could not be read">
        <p role="alert">{trust.error.message}</p>
      </Notice>
    );
  }
  if (!trust.data) {
    return <Notice title="Reading…" />;
  }
  const { data } = trust;
  const select = (name: string, value: string) =>
    setSearch(
      (now) => {
        const next = new URLSearchParams(now);
        value ? next.set(name, value) : next.delete(name);
        return next;
      },
      { replace: true },
    );
  const chosen = data.incidents.find((one) => one.incident_id === search.get('incident')) ?? data.incidents[0];
  const hindrance = roleAllows(session, 'operator') ? '' : 'Only an operator may decide here.';
  const done = () => queries.invalidateQueries({ queryKey: ['trust'] });
  return (
    <div className="trust">
      <h1>Trust</h1>
      <Facts data={data} />
      <Panel
        title="Incidents"
        className="trust-incidents"
        actions={
          <label className="check">
            <input
              type="checkbox"
              checked={open}
              onChange={(event) => {
                setCursors([]);
                select('open', event.target.checked ? 'true' : '');
              }}
            />
            only what is not over
          </label>
        }
      >
        {data.incidents.length > 0 ? (
          <Table
            caption="Incidents about readings"
            columns={incidentColumns((id) => select('incident', id))}
            rows={data.incidents}
            rowKey={(row) => row.incident_id}
            selected={chosen?.incident_id ?? null}
            onSelect={(row) => select('incident', row.incident_id)}
          />
        ) : (
          <p className="trust-none">Every reading is believed.</p>
        )}
        <p className="trust-foot">
          <button type="button" disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
            Newer
          </button>
          <button
            type="button"
            disabled={!data.next_cursor}
            onClick={() => data.next_cursor && setCursors([...cursors, data.next_cursor])}
          >
            Older
          </button>
        </p>
      </Panel>
      {chosen ? (
        <IncidentPanel
          key={chosen.incident_id}
          incident={chosen}
          now={parseTime(data.as_of) ?? 0}
          hindrance={hindrance}
          onDone={done}
        />
      ) : null}
      <Corrections rows={data.corrections} hindrance={hindrance} onDone={done} />
      <Panel title="What is watched">
        {places.data && places.data.places.length > 0 ? (
          <Table
            caption="Places that are watched"
            columns={placeColumns}
            rows={places.data.places}
            rowKey={(row) => row.place}
          />
        ) : (
          <p className="trust-none">{places.isError ? places.error.message : 'No place yet.'}</p>
        )}
      </Panel>
    </div>
  );
}

function Facts({ data }: { data: Trust }) {
  const openCount = data.kinds.reduce((sum, kind) => sum + kind.open, 0);
  return (
    <dl className="trust-counts" aria-label="Counts">
      <div>
        <dt>Incidents not over</dt>
        <dd className={openCount > 0 ? 'p1' : ''}>{openCount}</dd>
      </div>
      {data.kinds
        .filter((kind) => kind.open > 0)
        .map((kind) => (
          <div key={kind.kind}>
            <dt>{kindWords[kind.kind] ?? kind.kind}</dt>
            <dd>{kind.open}</dd>
          </div>
        ))}
      <div>
        <dt>Places watched</dt>
        <dd>
          {data.places_watching} <span className="dim">{data.places_learning} learning</span>
        </dd>
      </div>
      <div>
        <dt>Nothing to compare</dt>
        <dd>{formatCount(data.places_waiting, 'place')}</dd>
      </div>
      {data.feeders_not_watched > 0 ? (
        <div>
          <dt>Not watched</dt>
          <dd>{formatCount(data.feeders_not_watched, 'feeder')}</dd>
        </div>
      ) : null}
    </dl>
  );
}

function incidentColumns(onOpen: (id: string) => void): Column<Incident>[] {
  return [
    {
      key: 'kind',
      title: 'Kind',
      cell: (row) => <StatusMark level={incidentLevel(row)} word={kindWords[row.kind] ?? row.kind} />,
    },
    {
      key: 'meter',
      title: 'Accused',
      cell: (row) => (
        <button type="button" className="trust-open" onClick={() => onOpen(row.incident_id)}>
          {accusedText(row)}
        </button>
      ),
    },
    { key: 'place', title: 'At', cell: (row) => row.place },
    { key: 'layer', title: 'Found by', cell: (row) => layerWords[row.layer] ?? row.layer },
    { key: 'confidence', title: 'Confidence', number: true, cell: (row) => formatShare(row.confidence) },
    { key: 'opened', title: 'Since', cell: (row) => formatDayClock(parseTime(row.opened_at)) },
    {
      key: 'state',
      title: 'State',
      cell: (row) => (row.open ? (row.distrusting ? 'kept apart' : 'told only') : 'over'),
    },
  ];
}

const placeColumns: Column<Place>[] = [
  { key: 'place', title: 'Place', cell: (row) => row.place },
  { key: 'state', title: 'State', cell: (row) => stateWords[row.state] },
  { key: 'how', title: 'Looks at', cell: (row) => howWords[row.how] },
  { key: 'feeders', title: 'Feeders', number: true, cell: (row) => formatNumber(row.feeders) },
  { key: 'learnt', title: 'Learnt', number: true, cell: (row) => formatShare(row.learnt) },
  {
    key: 'slot',
    title: 'Every (min)',
    number: true,
    cell: (row) => (row.slot_min > 0 ? formatNumber(row.slot_min) : missing),
  },
  {
    key: 'accuracy',
    title: 'Deviation / class 0.5',
    number: true,
    cell: (row) => (row.accuracy_factor === null ? missing : formatNumber(row.accuracy_factor, 2)),
  },
  { key: 'open', title: 'Not over', number: true, cell: (row) => formatNumber(row.incidents_open) },
];

function Corrections({ rows, hindrance, onDone }: { rows: Correction[]; hindrance: string; onDone: () => void }) {
  const [reverting, setReverting] = useState<Correction | null>(null);
  const columns: Column<Correction>[] = [
    { key: 'meter', title: 'Meter', cell: (row) => row.meter },
    { key: 'mapping', title: 'Mapping', cell: (row) => mappingText(row) },
    { key: 'by', title: 'Applied by', cell: (row) => row.applied_by },
    { key: 'at', title: 'Since', cell: (row) => formatDayClock(parseTime(row.applied_at)) },
    { key: 'reason', title: 'Reason', cell: (row) => row.reason },
    {
      key: 'revert',
      title: <span className="hidden-text">Take back</span>,
      cell: (row) => (
        <button type="button" disabled={hindrance !== ''} onClick={() => setReverting(row)}>
          Take back…
        </button>
      ),
    },
  ];
  return (
    <Panel title="Corrections in force">
      {rows.length > 0 ? (
        <Table
          caption="Corrections of meters in force"
          columns={columns}
          rows={rows}
          rowKey={(row) => row.correction_id}
        />
      ) : (
        <p className="trust-none">Readings are taken as they come.</p>
      )}
      {reverting ? (
        <ConfirmDialog
          title={`Take back the correction of ${reverting.meter}`}
          confirmWord="Take it back"
          onClose={() => setReverting(null)}
          onConfirm={async (reason) => {
            await postJson(
              `/api/v1/trust/corrections/${encodeURIComponent(reverting.correction_id)}`,
              { reason },
              { method: 'DELETE' },
            );
            onDone();
          }}
        >
          <p>Readings of {reverting.meter} are taken as the meter sends them again, from the next one on.</p>
        </ConfirmDialog>
      ) : null}
    </Panel>
  );
}
