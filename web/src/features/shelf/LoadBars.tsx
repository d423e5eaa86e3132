import { formatPower } from '@/lib/units';
import type { Receiver } from './model';

const width = 156;
const height = 34;

/** Load by half-hour before and after switching, against the limit. */
export function LoadBars({ receiver }: { receiver: Receiver }) {
  const limit = receiver.limit_kw ?? 0;
  const top = Math.max(limit * 1.1, ...receiver.after_kw, 1);
  const step = width / receiver.after_kw.length;
  const y = (kw: number) => height - (Math.max(0, kw) / top) * height;
  const label = `Load after switching, at most ${formatPower(Math.max(...receiver.after_kw))} of ${formatPower(receiver.limit_kw)}`;
  return (
    <svg className="shelf-bars" width={width} height={height} role="img" aria-label={label}>
      {receiver.after_kw.map((after, place) => {
        const before = receiver.before_kw[place] ?? 0;
        const x = place * step + 1;
        return (
          <g key={place}>
            <rect
              x={x}
              y={y(after)}
              width={step - 2}
              height={height - y(after)}
              fill={limit > 0 && after > limit ? 'var(--p1)' : 'var(--neutral)'}
              opacity={0.55}
            />
            <rect x={x} y={y(before)} width={step - 2} height={height - y(before)} fill="var(--neutral)" />
          </g>
        );
      })}
      {limit > 0 ? (
        <line x1={0} x2={width} y1={y(limit)} y2={y(limit)} stroke="var(--text)" strokeDasharray="3 2" />
      ) : null}
    </svg>
  );
}
