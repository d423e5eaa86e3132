import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { type EventSummary, getJson, idempotencyKey, isOpen, postJson, type Substation } from '@/lib/api';
import { useLive } from '@/lib/live_store';
import { formatCount, formatPower } from '@/lib/units';

interface Props {
  stopped: string[];
  onClose: () => void;
}

const everywhere = '*';

/** Stops new instructions in an area, or lets them go on: select, preview, reason, confirm. */
export function StopAll({ stopped, onClose }: Props) {
  const queries = useQueryClient();
  const live = useLive((state) => state.live);
  const status = useLive((state) => state.status);
  const [area, setArea] = useState(stopped[0] ?? everywhere);
  const [key] = useState(idempotencyKey);
  const substations = useQuery({
    queryKey: ['substations'],
    queryFn: ({ signal }) => getJson<{ substations: Substation[] }>('/api/v1/substations', { limit: 1000 }, signal),
  });
  const events = useQuery({
    queryKey: ['events'],
    queryFn: ({ signal }) => getJson<{ events: EventSummary[] }>('/api/v1/events', { limit: 200 }, signal),
  });
  const primaries = (substations.data?.substations ?? []).filter((one) => one.kind === 'primary');
  const isStopped = stopped.includes(area);
  const open = (events.data?.events ?? []).filter(isOpen);

  return (
    <ConfirmDialog
      title={isStopped ? 'Let Headroom act again' : 'Stop Headroom'}
      confirmWord={isStopped ? 'Let it act again' : 'Stop it'}
      disabled={!live}
      onConfirm={async (reason) => {
        await postJson('/api/v1/stop', { area, stopped: !isStopped, reason }, { key: `${key}-${area}-${!isStopped}` });
        await queries.invalidateQueries();
      }}
      onClose={onClose}
    >
      <label>
        Area
        <select value={area} onChange={(change) => setArea(change.target.value)}>
          <option value={everywhere}>everywhere{stopped.includes(everywhere) ? ' (stopped)' : ''}</option>
          {primaries.map((one) => (
            <option key={one.substation_id} value={one.substation_id}>
              {one.name}
              {stopped.includes(one.substation_id) ? ' (stopped)' : ''}
            </option>
          ))}
        </select>
      </label>
      {isStopped ? (
        <p>New plans, contracts and instructions start again in this area.</p>
      ) : (
        <p>
          No new contracts and no new instructions in this area from now on. {formatCount(open.length, 'event')} open;{' '}
          {formatPower(status?.armed_kw)} armed and {formatPower(status?.active_kw)} active over all areas. Setpoints
          that were sent expire by themselves; loads then return.
        </p>
      )}
    </ConfirmDialog>
  );
}
