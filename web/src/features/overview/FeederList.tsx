import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useRef } from 'react';
import { StatusMark } from '@/components/StatusMark';
import { formatClock, parseTime, type Zone } from '@/lib/time';
import { formatNumber, formatShare } from '@/lib/units';
import type { FeederRow } from './feeder_rows';

interface Props {
  rows: FeederRow[];
  selected: string | null;
  zone: Zone;
  filter: RefObject<HTMLInputElement | null>;
  onSelect: (id: string) => void;
}

const rowHeight = 28;
const coverWords = { none: '', open: 'not covered', covered: 'covered' };

/** All feeders, only those in sight drawn. */
export function FeederList({ rows, selected, zone, onSelect }: Props) {
  const scroll = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  const place = rows.findIndex((row) => row.id === selected);
  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (selected !== shown.current && place >= 0) {
      shown.current = selected;
      list.scrollToIndex(place, { align: 'auto' });
    }
  }, [selected, place, list]);

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="feeder-list" ref={scroll} tabIndex={0} aria-label="Feeders">
      <div role="table" aria-label="Feeders by headroom" aria-rowcount={rows.length + 1}>
        <div role="row" className="feeder-row head">
          {['Ahead', 'Feeder', 'Ph', 'Load kW', 'Limit kW', 'Headroom', 'Peak 12 h', 'at', 'Need'].map(
            (title, index) => (
              <span key={title} role="columnheader" className={index > 2 && index < 7 ? 'number' : ''}>
                {title}
              </span>
            ),
          )}
        </div>
        <div className="feeder-rows" style={{ height: list.getTotalSize() }}>
          {list.getVirtualItems().map((item) => {
            const row = rows[item.index];
            return row ? (
              <Row
                key={row.id}
                row={row}
                top={item.start}
                index={item.index}
                selected={row.id === selected}
                zone={zone}
                onSelect={onSelect}
              />
            ) : null;
          })}
        </div>
      </div>
    </section>
  );
}

interface RowProps {
  row: FeederRow;
  top: number;
  index: number;
  selected: boolean;
  zone: Zone;
  onSelect: (id: string) => void;
}

function Row({ row, top, index, selected, zone, onSelect }: RowProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: J, K, arrows and Enter act on the list as a whole
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={`feeder-row${row.stale ? ' stale' : ''}`}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onSelect(row.id)}
    >
      <span role="cell">
        <StatusMark
          level={row.ahead}
          stale={row.stale}
          covered={row.covered === 'covered'}
          {...(row.ahead === 'over' && !row.stale ? { word: (row.share ?? 0) < 0 ? 'over now' : 'over soon' } : {})}
        />
      </span>
      <span role="cell" className="name" title={`${row.id} ${row.name}`}>
        <b>{row.id}</b> {row.name}
        {row.state !== 'normal' || row.held ? <em> · {row.held ? 'held' : row.state}</em> : null}
      </span>
      <span role="cell">{row.phase}</span>
      <span role="cell" className="number">
        {formatNumber(row.loadKw, 1)}
      </span>
      <span role="cell" className="number">
        {formatNumber(row.limitKw, 1)}
      </span>
      <span role="cell" className="number">
        {formatShare(row.share)}
      </span>
      <span role="cell" className="number">
        {formatShare(row.expectedShare)}
      </span>
      <span role="cell">{formatClock(parseTime(row.expectedAt), zone)}</span>
      <span role="cell" className={row.covered === 'open' ? 'open' : ''}>
        {coverWords[row.covered]}
      </span>
    </div>
  );
}
