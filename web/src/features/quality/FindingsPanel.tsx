import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { Panel } from '@/components/Panel';
import { getJson, getText } from '@/lib/api';
import { formatCount } from '@/lib/units';
import type { Finding, FindingCount } from './model';
import { FindingTable } from './tables';
import { kindWords } from './wording';

interface Props {
  counts: FindingCount[];
  forgotten: number;
}

const pageSize = 50;

/** Findings by kind, and those of the kind, feeder and state that the URL names. */
export function FindingsPanel({ counts, forgotten }: Props) {
  const [search, setSearch] = useSearchParams();
  const [cursors, setCursors] = useState<string[]>([]);
  const [fault, setFault] = useState('');
  const filter = { kind: search.get('kind'), feeder: search.get('place'), open: search.get('open') };
  const change = (name: string, value: string) => {
    setCursors([]);
    setSearch(
      (now) => {
        const next = new URLSearchParams(now);
        value ? next.set(name, value) : next.delete(name);
        return next;
      },
      { replace: true },
    );
  };
  const cursor = cursors.at(-1) ?? null;
  const findings = useQuery({
    queryKey: ['data-quality', 'findings', filter, cursor],
    queryFn: ({ signal }) =>
      getJson<{ findings: Finding[]; next_cursor: string | null }>(
        '/api/v1/data-quality/findings',
        { ...filter, limit: pageSize, cursor },
        signal,
      ),
    refetchInterval: 5_000,
    placeholderData: keepPreviousData,
  });
  const rows = findings.data?.findings ?? [];
  const next = findings.data?.next_cursor;
  const save = () => {
    setFault('');
    getText('/api/v1/data-quality/findings', 'text/csv', filter).then(
      (text) => download(text, 'findings.csv'),
      (cause: Error) => setFault(cause.message),
    );
  };
  return (
    <Panel
      title="Findings"
      actions={
        <>
          <label>
            <span className="hidden-text">Kind of finding</span>
            <select value={filter.kind ?? ''} onChange={(event) => change('kind', event.target.value)}>
              <option value="">every kind</option>
              {counts.map((count) => (
                <option key={count.kind} value={count.kind}>
                  {kindWords[count.kind] ?? count.kind} ({count.findings})
                </option>
              ))}
            </select>
          </label>
          <label>
            <span className="hidden-text">Feeder, substation or resource</span>
            <input
              placeholder="feeder or substation"
              value={filter.feeder ?? ''}
              maxLength={64}
              onChange={(event) => change('place', event.target.value)}
            />
          </label>
          <label className="check">
            <input
              type="checkbox"
              checked={filter.open === 'true'}
              onChange={(event) => change('open', event.target.checked ? 'true' : '')}
            />
            only what holds now
          </label>
          <button type="button" onClick={save}>
            Save as CSV
          </button>
        </>
      }
    >
      {fault ? (
        <p className="fault" role="alert">
          {fault}
        </p>
      ) : null}
      {rows.length > 0 ? (
        <div className="quality-findings">
          <FindingTable rows={rows} />
        </div>
      ) : (
        <p className="quality-none">
          {findings.isError ? findings.error.message : findings.data ? 'Nothing of this kind was found.' : 'Reading…'}
        </p>
      )}
      <p className="quality-foot">
        <button type="button" disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
          Newer
        </button>
        <button type="button" disabled={!next} onClick={() => next && setCursors([...cursors, next])}>
          Older
        </button>
        {forgotten > 0 ? (
          <span className="dim">{formatCount(forgotten, 'older finding')} gave way to newer ones.</span>
        ) : null}
      </p>
    </Panel>
  );
}

/** Hands a text to the person as a file. */
function download(text: string, name: string) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
