import { useState } from 'react';
import { Problem, postJson } from '@/lib/api';
import { refusalWords } from '@/lib/words';
import type { Replay, ReplayPart } from './model';
import { type Column, Table } from './Table';
import { partWords } from './wording';

const columns: Column<ReplayPart>[] = [
  { header: 'Decision', head: true, cell: (row) => partWords(row.name) },
  { header: 'Entry', numeric: true, cell: (row) => row.seq ?? '–' },
  {
    header: 'Result',
    cell: (row) =>
      row.same ? (
        '✓ same bytes'
      ) : (
        <strong className="ev-bad">✕ different bytes{row.detail ? `: ${row.detail}` : ''}</strong>
      ),
  },
  {
    header: 'SHA-256 in the log',
    cell: (row) => <code title={row.sha256_logged}>{row.sha256_logged.slice(0, 16)}…</code>,
  },
  {
    header: 'SHA-256 of the replay',
    cell: (row) => <code title={row.sha256_replayed}>{row.sha256_replayed.slice(0, 16)}…</code>,
  },
];

interface Props {
  id: string;
  last: Replay | null;
  live: boolean;
}

export function ReplayPanel({ id, last, live }: Props) {
  const [replay, setReplay] = useState<Replay | null>(last);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const run = async () => {
    setBusy(true);
    setFault(null);
    try {
      setReplay(await postJson<Replay>(`/api/v1/events/${encodeURIComponent(id)}/replay`, {}));
    } catch (cause) {
      const problem = cause instanceof Problem ? cause : new Problem(0, '', '');
      setFault(refusalWords(problem.status, problem.detail));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <div className="ev-buttons ev-no-print">
        <button type="button" className="ev-button" disabled={!live || busy} onClick={() => void run()}>
          {busy ? 'Replaying…' : 'Replay'}
        </button>
        <span className="ev-hindrance">
          Makes every decision again from the recorded inputs and compares the bytes.
        </span>
      </div>
      {fault ? (
        <p role="alert" className="ev-warning">
          {fault}
        </p>
      ) : null}
      <p role="status" className="ev-verdict">
        {replay
          ? replay.same
            ? `Same bytes: all ${replay.parts.length} decisions.`
            : `${replay.parts.filter((one) => !one.same).length} of ${replay.parts.length} decisions came out differently.`
          : null}
      </p>
      {replay ? (
        <Table
          caption="Decisions made again"
          columns={columns}
          rows={replay.parts}
          rowKey={(row, index) => `${row.name}-${index}`}
          rowClass={(row) => (row.same ? undefined : 'ev-row-alarm')}
          long={replay.parts.length > 12}
        />
      ) : null}
    </>
  );
}
