import { type Level, levelWords } from '@/lib/level';

interface Props {
  level: Level;
  stale?: boolean;
  /** over the limit, but the need is bought: hollow */
  covered?: boolean;
  /** the word beside the shape; the level's own when not given, none when empty */
  word?: string;
  size?: number;
}

/** P1 square with an edge, P2 circle, P3 triangle, normal a small grey dot, stale hatched and hollow. */
export function StatusMark({ level, stale = false, covered = false, word, size = 14 }: Props) {
  const text = word ?? (stale ? 'stale' : levelWords[level]);
  return (
    <span className="status-mark">
      <svg width={size} height={size} viewBox="0 0 14 14" aria-hidden="true">
        {stale ? (
          <g fill="none" stroke="var(--dim)" strokeWidth="1.4">
            <rect x="1.5" y="1.5" width="11" height="11" />
            <path d="M2 9 9 2M5 12.5 12.5 5" />
          </g>
        ) : (
          <Shape level={level} covered={covered} />
        )}
      </svg>
      {text ? <span>{text}</span> : null}
    </span>
  );
}

function Shape({ level, covered }: { level: Level; covered: boolean }) {
  if (covered && level === 'over') {
    return <rect x="2.5" y="2.5" width="9" height="9" fill="none" stroke="var(--p1)" strokeWidth="2" />;
  }
  switch (level) {
    case 'over':
      return <rect x="1.5" y="1.5" width="11" height="11" fill="var(--p1)" stroke="var(--edge)" strokeWidth="1.5" />;
    case 'tight':
      return <circle cx="7" cy="7" r="5.2" fill="var(--p2)" />;
    case 'near':
      return <path d="M7 1.8 12.6 12H1.4z" fill="var(--p3)" />;
    case 'normal':
      return <circle cx="7" cy="7" r="3" fill="var(--neutral)" />;
    default:
      return <circle cx="7" cy="7" r="4" fill="none" stroke="var(--neutral)" strokeWidth="1.4" />;
  }
}
