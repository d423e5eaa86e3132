import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { StatusMark } from '@/components/StatusMark';
import { type EventSummary, type Feeder, getAll, getJson, type Substation } from '@/lib/api';
import { useLive } from '@/lib/live_store';
import { usePreferences } from '@/lib/preferences';
import { parseTime } from '@/lib/time';
import { useSelection } from '@/lib/url_state';
import { EventsPanel } from './EventsPanel';
import { FeederList } from './FeederList';
import { FeederMap } from './FeederMap';
import { FeederPanel } from './FeederPanel';
import { feederRows, type Order, sortRows } from './feeder_rows';
import './overview.css';

const noFeeders: Feeder[] = [];
const noSubstations: Substation[] = [];
const noEvents: EventSummary[] = [];

/** Where will it hurt, when, is it covered? */
export function Overview() {
  const [selection, select] = useSelection();
  const { zone, shortcuts } = usePreferences();
  const [, navigate] = useLocation();
  const [order, setOrder] = useState<Order>('ahead');
  const [words, setWords] = useState('');
  const filter = useRef<HTMLInputElement>(null);

  const feeders = useQuery({
    queryKey: ['feeders'],
    queryFn: ({ signal }) => getAll<Feeder>('/api/v1/feeders', 'feeders', {}, signal),
    refetchInterval: 20_000,
  });
  const substations = useQuery({
    queryKey: ['all-substations'],
    queryFn: ({ signal }) => getAll<Substation>('/api/v1/substations', 'substations', {}, signal),
    staleTime: 600_000,
  });
  const events = useQuery({
    queryKey: ['events'],
    queryFn: ({ signal }) => getJson<{ events: EventSummary[] }>('/api/v1/events', { limit: 200 }, signal),
    refetchInterval: 15_000,
  });
  const layout = useLive((state) => state.layout);
  const live = useLive((state) => state.feeders);
  const nowText = useLive((state) => state.status?.now);

  const list = feeders.data ?? noFeeders;
  const rows = useMemo(() => feederRows(list, layout, live), [list, layout, live]);
  const sorted = useMemo(() => sortRows(rows, order, words), [rows, order, words]);
  const worst = useMemo(() => sortRows(rows, 'ahead', '')[0], [rows]);
  // The worst feeder is shown until a person chooses; it does not jump about while they read.
  const held = useRef<string | null>(null);
  held.current ??= worst?.id ?? null;
  const shownId = selection.feeder ?? held.current;
  const shown = rows.find((row) => row.id === shownId) ?? worst;
  const choose = (id: string) => select({ feeder: id, phase: null });

  useListKeys({
    on: shortcuts,
    ids: sorted.map((row) => row.id),
    current: shown?.id ?? null,
    choose,
    openEvent: () => {
      if (shown?.eventId) {
        navigate(`/events/${shown.eventId}`);
      }
    },
    filter,
  });

  if (feeders.isSuccess && list.length === 0) {
    return (
      <Notice title="No feeders yet">
        <p>Headroom needs the network it watches: substations, feeders, limits and DERs in one CSV file.</p>
        <p>
          <code>headroom serve --grid grid.csv</code>
        </p>
        <p>Then send readings to /api/v1/readings, or see it work on a simulated grid first:</p>
        <p>
          <code>headroom serve --demo</code>
        </p>
      </Notice>
    );
  }
  const silent = rows.length > 0 && rows.every((row) => row.loadKw === null);
  return (
    <div className="overview">
      <Panel className="map-panel" title="Now and the next 12 h" actions={<MapLegend />}>
        <FeederMap
          rows={rows}
          substations={substations.data ?? noSubstations}
          selected={shown?.id ?? null}
          onSelect={choose}
        />
      </Panel>
      <Panel
        className="list-panel"
        title={`Feeders · ${sorted.length}`}
        actions={
          <>
            <input
              ref={filter}
              type="search"
              aria-label="Filter feeders"
              placeholder="Filter ( / )"
              value={words}
              onChange={(change) => setWords(change.target.value)}
            />
            <select aria-label="Order" value={order} onChange={(change) => setOrder(change.target.value as Order)}>
              <option value="ahead">tightest ahead</option>
              <option value="now">tightest now</option>
              <option value="id">by id</option>
            </select>
          </>
        }
      >
        <FeederList rows={sorted} selected={shown?.id ?? null} zone={zone} filter={filter} onSelect={choose} />
      </Panel>
      {silent ? (
        <Panel title="No readings yet" className="feeder-panel">
          <Notice title="The network is known; nothing has been measured">
            <p>Send readings as JSON or CSV; feeders fill as they come.</p>
            <p>
              <code>
                curl -H 'Content-Type: text/csv' --data-binary @readings.csv {window.location.origin}/api/v1/readings
              </code>
            </p>
          </Notice>
        </Panel>
      ) : shown ? (
        <FeederPanel
          row={shown}
          events={events.data?.events ?? noEvents}
          now={parseTime(nowText)}
          selection={selection}
          onSelect={select}
        />
      ) : (
        <Panel title="Feeder" className="feeder-panel">
          <Notice title={feeders.isError ? feeders.error.message : 'Reading the network…'} />
        </Panel>
      )}
      <EventsPanel
        events={events.data?.events ?? noEvents}
        zone={zone}
        selected={shown?.id ?? null}
        onSelect={choose}
      />
    </div>
  );
}

function MapLegend() {
  return (
    <ul className="map-legend" aria-label="Legend of the map">
      {(['over', 'tight', 'near', 'normal'] as const).map((level) => (
        <li key={level}>
          <StatusMark level={level} {...(level === 'over' ? { word: 'over, not covered' } : {})} />
        </li>
      ))}
      <li>
        <StatusMark level="over" covered word="over, covered" />
      </li>
      <li>
        <StatusMark level="unknown" stale />
      </li>
    </ul>
  );
}

interface ListKeys {
  on: boolean;
  ids: string[];
  current: string | null;
  choose: (id: string) => void;
  openEvent: () => void;
  filter: { current: HTMLInputElement | null };
}

/** J, K and the arrows walk the list, Enter opens the event, / goes to the filter. */
function useListKeys(keys: ListKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const press = (key: KeyboardEvent) => {
      const { on, ids, current, choose, openEvent, filter } = latest.current;
      const target = key.target instanceof HTMLElement ? key.target : null;
      const busy = target?.closest('input,textarea,select,dialog,.map') !== null && target !== document.body;
      if (!on || key.ctrlKey || key.metaKey || key.altKey || busy) {
        return;
      }
      const place = ids.indexOf(current ?? '');
      const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[key.key];
      if (step !== undefined) {
        const next = ids[Math.min(ids.length - 1, Math.max(0, place + step))];
        if (next) {
          key.preventDefault();
          choose(next);
        }
      } else if (key.key === '/') {
        key.preventDefault();
        filter.current?.focus();
      } else if (key.key === 'Enter' && !target?.closest('a,button')) {
        openEvent();
      }
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
}
