import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { type EventSummary, getJson, idempotencyKey, isOpen, postJson } from '@/lib/api';
import { useLive } from '@/lib/live_store';
import { formatCount, formatPower } from '@/lib/units';

interface Props {
  stopped: string[];
  onClose: () => void;
}

/** How the status names all areas; the command's own word for them is the empty area. */
const everywhere = 'everywhere';

/** Stops new instructions everywhere, or lets a stopped area go on: select, preview, reason, confirm. */
export function StopAll({ stopped, onClose }: Props) {
  const queries = useQueryClient();
  const live = useLive((state) => state.live);
  const status = useLive((state) => state.status);
  const [area, setArea] = useState(stopped[0] ?? everywhere);
  const [key] = useState(idempotencyKey);
  const events = useQuery({
    queryKey: ['events'],
    queryFn: ({ signal }) => getJson<{ events: EventSummary[] }>('/api/v1/events', { limit: 200 }, signal),
  });
  const isStopped = stopped.includes(area);
  const open = (events.data?.events ?? []).filter(isOpen);

  return (
    <ConfirmDialog
      title={isStopped ? 'Let Headroom act again' : 'Stop Headroom'}
      confirmWord={isStopped ? 'Let it act again' : 'Stop it'}
      disabled={!live}
      onConfirm={async (reason) => {
        const body = { area: area === everywhere ? '' : area, stopped: !isStopped, reason };
        await postJson('/api/v1/stop', body, { key: `${key}-${area}-${!isStopped}` });
        await queries.invalidateQueries();
      }}
      onClose={onClose}
    >
      <label>
        Area
        <select value={area} onChange={(change) => setArea(change.target.value)}>
          <option value={everywhere}>everywhere{stopped.includes(everywhere) ? ' (stopped)' : ''}</option>
          {stopped
            .filter((one) => one !== everywhere)
            .map((one) => (
              <option key={one} value={one}>
                {one} (stopped)
              </option>
            ))}
        </select>
      </label>
      {isStopped ? (
        <p>Instructions go out again in this area.</p>
      ) : (
        <p>
          No new instruction goes out from now on; releases still do. {formatCount(open.length, 'event')} open;{' '}
          {formatPower(status?.armed_kw)} armed and {formatPower(status?.active_kw)} active over all areas. Setpoints
          that were sent expire by themselves; loads then return.
        </p>
      )}
    </ConfirmDialog>
  );
}
