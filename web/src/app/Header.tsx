import { useEffect, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { StatusMark } from '@/components/StatusMark';
import { AskChip } from '@/features/ask/AskChip';
import { postJson, roleAllows, type Session, type Status } from '@/lib/api';
import { useLive } from '@/lib/live_store';
import { prefer, usePreferences } from '@/lib/preferences';
import { formatClock, formatDate, formatPeriod, parseTime, zoneName } from '@/lib/time';
import { formatCount, formatDuration, formatMegawatts, formatNumber, formatPower } from '@/lib/units';
import { StopAll } from './StopAll';

const modeWords = { shadow: 'MANUAL', propose: 'SUPERVISED', act: 'AUTO' };
const modeHelp = {
  shadow: 'Headroom watches and writes down what it would do; nothing is bought or sent',
  propose: 'Headroom proposes; a person approves each plan',
  act: 'Headroom acts by itself within its authority',
};

interface Props {
  session: Session;
  onSignedOut: () => void;
}

/** What holds on every page: mode, counts, armed power, ages, clocks, audit, person. */
export function Header({ session, onSignedOut }: Props) {
  const status = useLive((state) => state.status);
  return (
    <header className="header">
      <Link href="/" className="brand" data-home-link>
        Headroom
      </Link>
      <Pages />
      {status ? <Facts status={status} /> : <span className="dim">waiting for the server…</span>}
      <Person session={session} onSignedOut={onSignedOut} />
    </header>
  );
}

/** The way to the other pages from everywhere; the one that is open is marked. */
function Pages() {
  const [path] = useLocation();
  return (
    <nav className="pages" aria-label="Pages">
      <Link href="/" aria-current={path === '/' ? 'page' : undefined}>
        Overview
      </Link>
      <Link href="/quality" aria-current={path === '/quality' ? 'page' : undefined} data-quality-link>
        Data quality
      </Link>
      <Link href="/trust" aria-current={path === '/trust' ? 'page' : undefined} data-trust-link>
        Trust
      </Link>
      <Link href="/models" aria-current={path === '/models' ? 'page' : undefined} data-models-link>
        Forecasts
      </Link>
      <Link href="/plans" aria-current={path.startsWith('/plans') ? 'page' : undefined} data-plans-link>
        Plans
      </Link>
      <Link href="/scenarios" aria-current={path === '/scenarios' ? 'page' : undefined} data-scenarios-link>
        Scenarios
      </Link>
      <Link href="/contingencies" aria-current={path === '/contingencies' ? 'page' : undefined} data-shelf-link>
        Shelf
      </Link>
      <Link href="/programmes" aria-current={path === '/programmes' ? 'page' : undefined} data-programmes-link>
        Programmes
      </Link>
    </nav>
  );
}

function Facts({ status }: { status: Status }) {
  const { mode, counts } = status;
  return (
    <>
      <span className="mode" title={modeHelp[mode.authority]}>
        {modeWords[mode.authority]}
      </span>
      {mode.simulated ? (
        <span
          className="simulated"
          title={`The grid, the devices and the providers are simulated, at up to ${formatNumber(mode.speed)} times the wall's clock`}
        >
          <b>SIMULATED</b> · seed {mode.seed} · SP {status.settlement_period.number}
          {mode.story ? ` · ${mode.story.title}` : ''}
        </span>
      ) : null}
      <ul className="counts" aria-label="Feeders by headroom">
        <li className={counts.constrained > 0 ? 'p1' : ''}>
          <StatusMark level="over" word={`${counts.constrained}`} /> constrained
        </li>
        <li>
          <StatusMark level="tight" word={`${counts.below_10_percent}`} /> &lt; 10 %
        </li>
        <li>
          <StatusMark level="near" word={`${counts.below_25_percent}`} /> &lt; 25 %
        </li>
        <li>
          <StatusMark level="normal" word={`${counts.normal}`} /> normal
        </li>
        {counts.unknown > 0 ? (
          <li>
            <StatusMark level="unknown" word={`${counts.unknown}`} /> unknown
          </li>
        ) : null}
      </ul>
      <dl className="facts">
        <div>
          <dt>Armed</dt>
          <dd title={formatPower(status.armed_kw)}>{formatMegawatts(status.armed_kw)}</dd>
        </div>
        <div>
          <dt>Data age</dt>
          <dd>{formatDuration(status.data_age_s)}</dd>
        </div>
        <div className={status.audit.healthy ? '' : 'p1'}>
          <dt>Audit</dt>
          <dd title={`tree root ${status.audit.root}`}>
            {status.audit.healthy ? `${status.audit.size} entries` : 'TAKES NO ENTRIES'}
          </dd>
        </div>
      </dl>
      <Clocks status={status} />
    </>
  );
}

/** The domain's clock as the server last told it; it does not run on by itself, a dead server's clock stands. */
function Clocks({ status }: { status: Status }) {
  const skewMs = useLive((state) => state.skewMs);
  const now = parseTime(status.now) ?? 0;
  const skewed = !status.mode.simulated && Math.abs(skewMs) > 2_000;
  return (
    <div className="clocks" title={formatDate(now)}>
      <span>
        <b>{formatClock(now, 'local', true)}</b> {zoneName(now, 'local') === 'UTC' ? 'GMT' : zoneName(now, 'local')}
      </span>
      <span className="dim">{formatClock(now, 'utc', true)} UTC</span>
      <span className="dim">{formatPeriod(now)}</span>
      {skewed ? <span className="p1">clock off by {formatDuration(Math.abs(skewMs) / 1000)}</span> : null}
    </div>
  );
}

function Person({ session, onSignedOut }: Props) {
  const { theme } = usePreferences();
  const live = useLive((state) => state.live);
  const stopped = useLive((state) => state.status?.stopped_areas ?? none);
  const [asking, setAsking] = useState(false);
  const maySign = session.auth_required && session.authenticated;
  useEffect(() => {
    document.documentElement.dataset.live = live ? 'yes' : 'no';
  }, [live]);

  return (
    <div className="person">
      <AskChip session={session} />
      <span title={session.role ? `role: ${session.role}` : undefined}>
        {session.user ?? 'nobody'}
        {session.is_demo ? <span className="dim"> (demo)</span> : <span className="dim"> {session.role}</span>}
      </span>
      <button type="button" onClick={() => prefer({ theme: theme === 'dark' ? 'light' : 'dark' })}>
        {theme === 'dark' ? 'Light' : 'Dark'}
      </button>
      <button
        type="button"
        aria-label="Keyboard shortcuts"
        onClick={() => window.dispatchEvent(new Event('headroom:shortcuts'))}
      >
        ?
      </button>
      {maySign ? (
        <button type="button" onClick={() => postJson('/api/v1/logout', {}).then(onSignedOut, onSignedOut)}>
          Sign out
        </button>
      ) : null}
      <button
        type="button"
        className={stopped.length > 0 ? 'danger stopped' : 'danger'}
        disabled={!live || !roleAllows(session, 'operator')}
        onClick={() => setAsking(true)}
      >
        {stopped.length > 0 ? `STOPPED: ${formatCount(stopped.length, 'area')}…` : 'Stop all…'}
      </button>
      {asking ? <StopAll stopped={stopped} onClose={() => setAsking(false)} /> : null}
    </div>
  );
}

const none: string[] = [];
