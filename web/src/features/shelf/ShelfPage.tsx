import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { StatusMark } from '@/components/StatusMark';
import { type Column, Table } from '@/components/Table';
import { getJson, type Session } from '@/lib/api';
import { formatCount, formatEnergy, formatNumber, formatPower } from '@/lib/units';
import type { Contingencies, Contingency, Cover } from './model';
import { PlanView } from './PlanView';
import { countCovers, coverLevels, coverWords, minutesWords, modeOf } from './wording';
import './shelf.css';

const columns: Column<Contingency>[] = [
  { key: 'rank', title: 'Rank', number: true, cell: (row) => formatNumber(row.rank) },
  {
    key: 'element',
    title: 'Loss of',
    cell: (row) => (
      <>
        <code>{row.element_id}</code> {row.name}
      </>
    ),
  },
  {
    key: 'cover',
    title: 'Cover',
    cell: (row) => <StatusMark level={coverLevels[row.cover]} word={coverWords[row.cover]} />,
  },
  { key: 'lost', title: 'Interrupted', number: true, cell: (row) => formatPower(row.interrupted_kw) },
  { key: 'left', title: 'Not restored', number: true, cell: (row) => formatPower(row.unrestored_kw) },
  { key: 'energy', title: 'Not served', number: true, cell: (row) => formatEnergy(row.unserved_kwh) },
  { key: 'limit', title: 'Limit reached', cell: (row) => minutesWords(row.time_to_limit_minutes) },
  { key: 'orders', title: 'Relief ready', number: true, cell: (row) => formatPower(row.orders_kw) },
  {
    key: 'mode',
    title: 'Who acts',
    cell: (row) => (row.doubts.length > 0 ? <StatusMark level="tight" word={modeOf(row.mode)} /> : modeOf(row.mode)),
  },
  { key: 'why', title: 'Why', cell: (row) => row.reason },
];

const covers: Cover[] = ['uncovered', 'partly', 'covered'];

/** What the loss of each element would mean, worst first, and the plan that lies ready for it. */
export function ShelfPage({ session }: { session: Session }) {
  const [search, setSearch] = useSearchParams();
  const cover = search.get('cover') ?? '';
  const element = search.get('element');
  const change = (name: string, value: string) =>
    setSearch(
      (now) => {
        const next = new URLSearchParams(now);
        if (value === '') {
          next.delete(name);
        } else {
          next.set(name, value);
        }
        return next;
      },
      { replace: true },
    );
  const list = useQuery({
    queryKey: ['contingencies'],
    queryFn: ({ signal }) => getJson<Contingencies>('/api/v1/contingencies', { limit: 1000 }, signal),
    refetchInterval: 15_000,
  });
  if (list.isError && !list.data) {
    return (
      <Notice title="The shelf could not be read">
        <p role="alert">{list.error.message}</p>
      </Notice>
    );
  }
  if (!list.data) {
    return <Notice title="Reading…" />;
  }
  const all = list.data.contingencies;
  const rows = cover === '' ? all : all.filter((row) => row.cover === cover);
  const selected = element ?? rows[0]?.element_id ?? null;
  return (
    <div className="shelf">
      <h1>The shelf</h1>
      <ul className="shelf-counts" aria-label="Elements by cover">
        {countCovers(all).map(([word, count]) => (
          <li key={word}>
            <StatusMark level={coverLevels[word]} word={formatNumber(count)} /> {coverWords[word]}
          </li>
        ))}
      </ul>
      <Panel
        title={`Plans for the loss of ${formatCount(rows.length, 'element')}`}
        actions={
          <label>
            Show{' '}
            <select value={cover} onChange={(pick) => change('cover', pick.target.value)}>
              <option value="">all</option>
              {covers.map((word) => (
                <option key={word} value={word}>
                  {coverWords[word]}
                </option>
              ))}
            </select>
          </label>
        }
      >
        {rows.length === 0 ? (
          <Notice title="There is none of these" />
        ) : (
          <Table
            caption="Elements by what their loss would mean, worst first"
            columns={columns}
            rows={rows}
            rowKey={(row) => row.element_id}
            selected={selected}
            onSelect={(row) => change('element', row.element_id)}
          />
        )}
      </Panel>
      {selected ? <PlanView element={selected} session={session} /> : null}
      <p className="dim">
        Loads are taken at the alarm quantile. Ties are closed by whoever runs the network: Headroom says which and
        never sends it. Orders are put to the guard and to the authority envelopes beforehand.
      </p>
    </div>
  );
}
