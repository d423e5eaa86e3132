import { type FormEvent, useState } from 'react';
import { Problem } from '@/lib/api';
import type { Draft, Scenarios } from './model';
import { draftOf, eventWord, eventWords } from './wording';

interface Props {
  listed: Scenarios;
  /** why nothing can be run; empty: it can */
  hindrance: string;
  onRun: (draft: Draft, title: string) => Promise<void>;
}

/** The members of the question as the server names them, for its faults. */
const pointers: Readonly<Record<keyof Draft, string>> = {
  scenarioId: '/scenario/id',
  place: '/scenario/location',
  event: '/scenario/event_type',
  start: '/scenario/start_date',
  hours: '/scenario/duration_hours',
  temperatureMax: '/scenario/weather/max_temp_celsius',
  temperatureMin: '/scenario/weather/min_temp_celsius',
  rainTotal: '/scenario/weather/total_rainfall_mm',
  rainHour: '/scenario/weather/max_rainfall_per_hour_mm',
  evUptake: '/scenario/levers/ev_uptake',
  derOutage: '/scenario/levers/der_outage_share',
  priceFactor: '/scenario/levers/price_factor',
  loadFactor: '/scenario/levers/load_factor',
  quantile: '/scenario/levers/quantile',
  lost: '/scenario/lost_elements',
  seed: '/seed',
};

const fields: { name: keyof Draft; label: string; hint?: string }[] = [
  { name: 'start', label: 'From (with zone)' },
  { name: 'hours', label: 'Hours' },
  { name: 'temperatureMax', label: 'Hottest, °C' },
  { name: 'temperatureMin', label: 'Coldest, °C' },
  { name: 'rainTotal', label: 'Rain in 24 h, mm' },
  { name: 'rainHour', label: 'Rain in 1 h, mm' },
  { name: 'evUptake', label: 'Charging, times today' },
  { name: 'derOutage', label: 'DERs out, share' },
  { name: 'priceFactor', label: 'Price, times usual' },
  { name: 'loadFactor', label: 'Demand, times today' },
  { name: 'quantile', label: 'Quantile of load' },
  { name: 'lost', label: 'Out of service (ids)' },
  { name: 'seed', label: 'Seed' },
];

/** Choose a scenario, change what is asked, run it. */
export function ScenarioForm({ listed, hindrance, onRun }: Props) {
  const first = listed.scenarios.find((one) => one.id === 'london_heatwave_3d') ?? listed.scenarios[0];
  const [draft, setDraft] = useState<Draft | null>(first ? draftOf(first) : null);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  if (!draft) {
    return <p className="dim">There is no scenario to begin with.</p>;
  }
  const chosen = listed.scenarios.find((one) => one.id === draft.scenarioId);
  const change = (name: keyof Draft, value: string) => setDraft({ ...draft, [name]: value });
  const faultOf = (name: keyof Draft) => faults[pointers[name]] ?? '';
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFaults({});
    setSaid('');
    try {
      await onRun(draft, chosen?.title ?? '');
    } catch (cause) {
      setFaults(cause instanceof Problem ? cause.fields : {});
      setSaid(cause instanceof Error ? cause.message : String(cause));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="scenario-form" onSubmit={submit}>
      <label>
        Scenario
        <select
          value={draft.scenarioId}
          onChange={(event) => {
            const to = listed.scenarios.find((one) => one.id === event.target.value);
            if (to) {
              setDraft({ ...draftOf(to), seed: draft.seed });
            }
          }}
        >
          {listed.scenarios.map((one) => (
            <option key={one.id} value={one.id}>
              {one.title}
              {one.built_in ? '' : ' (own)'}
            </option>
          ))}
        </select>
      </label>
      <p className="dim">{chosen?.description}</p>
      <label>
        Place
        <select value={draft.place} onChange={(event) => change('place', event.target.value)}>
          {listed.places.map((one) => (
            <option key={one.place} value={one.place}>
              {one.place}, {one.assets} assets{one.illustrative ? ', illustrative' : ''}
            </option>
          ))}
        </select>
      </label>
      <label>
        What happens
        <select value={draft.event} onChange={(event) => change('event', event.target.value)}>
          {Object.keys(eventWords).map((word) => (
            <option key={word} value={word}>
              {eventWord(word)}
            </option>
          ))}
        </select>
      </label>
      <div className="scenario-fields">
        {fields.map(({ name, label }) => (
          <label key={name} className={name === 'start' || name === 'lost' ? 'wide' : undefined}>
            {label}
            <input
              value={draft[name]}
              maxLength={name === 'lost' ? 2000 : 40}
              aria-invalid={faultOf(name) !== ''}
              onChange={(event) => change(name, event.target.value)}
            />
            {faultOf(name) ? <span className="scenario-fault">{faultOf(name)}</span> : null}
          </label>
        ))}
      </div>
      {said ? (
        <p className="scenario-fault" role="alert">
          {said}
        </p>
      ) : null}
      <div className="scenario-go">
        <button type="submit" disabled={busy || hindrance !== ''}>
          {busy ? 'Starting…' : 'Run'}
        </button>
        <span className="dim">{hindrance || 'Nothing in the network is changed by a run.'}</span>
      </div>
      {listed.faults.length > 0 ? (
        <details>
          <summary>{listed.faults.length} files of the scenario folder could not be read</summary>
          <ul>
            {listed.faults.map((fault) => (
              <li key={fault}>{fault}</li>
            ))}
          </ul>
        </details>
      ) : null}
    </form>
  );
}
