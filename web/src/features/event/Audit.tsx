import { useState } from 'react';
import { formatClockMs, parseTime, type Zone } from '@/lib/time';
import type { CheckedEntry } from './merkle';
import type { AuditLine } from './model';
import { proofWords, verifyEntry } from './proof';
import { type Column, Table } from './Table';

type Checked = { ok: true; entry: CheckedEntry } | { ok: false; words: string } | 'running';

/** At most as many proofs at once as a browser keeps connections to one host. */
const atOnce = 4;

function Verdict({ checked }: { checked: Checked }) {
  if (checked === 'running') {
    return <>checking…</>;
  }
  if (!checked.ok) {
    return <strong className="ev-bad">✕ {checked.words}</strong>;
  }
  const { size, root, hashes } = checked.entry;
  return (
    <span title={`root ${root}`}>
      ✓ in the log of {size} ({hashes} hashes, root {root.slice(0, 8)}…)
    </span>
  );
}

function summary(lines: AuditLine[], results: Record<number, Checked>): string | null {
  const done = lines.map((line) => results[line.seq]).filter((one) => one !== undefined && one !== 'running');
  if (done.length === 0) {
    return null;
  }
  const good = done.filter((one) => one.ok).length;
  return good === done.length
    ? `${good} of ${lines.length} entries verified here against the signed checkpoint.`
    : `${done.length - good} of ${done.length} entries could not be verified.`;
}

export function Audit({ lines, zone, live }: { lines: AuditLine[]; zone: Zone; live: boolean }) {
  const [results, setResults] = useState<Record<number, Checked>>({});
  const [showsAll, setShowsAll] = useState(false);
  const shown = showsAll ? lines : lines.filter((line) => line.text !== '' && !line.type.startsWith('dispatch.order.'));
  const verify = async (seq: number) => {
    const put = (checked: Checked) => setResults((before) => ({ ...before, [seq]: checked }));
    put('running');
    try {
      put({ ok: true, entry: await verifyEntry(seq) });
    } catch (fault) {
      put({ ok: false, words: proofWords(fault) });
    }
  };
  const verifyShown = async () => {
    const waiting = shown.map((line) => line.seq);
    const worker = async () => {
      for (let seq = waiting.shift(); seq !== undefined; seq = waiting.shift()) {
        await verify(seq);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  };
  const columns: Column<AuditLine>[] = [
    { header: 'Entry', numeric: true, head: true, cell: (row) => row.seq },
    { header: 'At', unit: 'wall clock', numeric: true, cell: (row) => formatClockMs(parseTime(row.at), zone) },
    { header: 'Type', cell: (row) => <code>{row.type}</code> },
    { header: 'Actor', cell: (row) => row.actor },
    { header: 'What', cell: (row) => (row.outcome === 'ok' ? row.text || '–' : `${row.outcome}: ${row.text}`) },
    {
      header: 'Proof',
      cell: (row) => {
        const checked = results[row.seq];
        return checked ? (
          <Verdict checked={checked} />
        ) : (
          <button
            type="button"
            className="ev-button ev-button-small"
            disabled={!live}
            onClick={() => void verify(row.seq)}
          >
            Verify<span className="hidden-text"> entry {row.seq}</span>
          </button>
        );
      },
    },
  ];
  return (
    <>
      <div className="ev-buttons ev-no-print">
        <button type="button" className="ev-button" disabled={!live} onClick={() => void verifyShown()}>
          Verify the proofs of these {shown.length} entries
        </button>
        <label className="ev-check">
          <input type="checkbox" checked={showsAll} onChange={(event) => setShowsAll(event.target.checked)} />
          all {lines.length} entries, messages and instructions too
        </label>
      </div>
      <p role="status" className="ev-verdict">
        {summary(shown, results)}
      </p>
      <Table
        caption="Entries of the audit log about this event"
        columns={columns}
        rows={shown}
        rowKey={(row) => String(row.seq)}
        rowClass={(row) => (row.outcome === 'ok' ? undefined : 'ev-row-alarm')}
        long={shown.length > 16}
      />
      <p className="ev-fine">
        The proof is checked in this browser: SHA-256 of the entry, folded with the proof's hashes, must give the root
        of the newest checkpoint. The checkpoint's signature is checked by <code>headroom audit verify</code>.
      </p>
    </>
  );
}
