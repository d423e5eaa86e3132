import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { Notice } from '@/components/Notice';
import { EventPage } from '@/features/event/EventPage';
import { ModelsPage } from '@/features/models/ModelsPage';
import { Overview } from '@/features/overview/Overview';
import { PlanPage } from '@/features/plans/PlanPage';
import { PlansPage } from '@/features/plans/PlansPage';
import { ProgrammesPage } from '@/features/programmes/ProgrammesPage';
import { QualityPage } from '@/features/quality/QualityPage';
import { ScenariosPage } from '@/features/scenario/ScenariosPage';
import { ShelfPage } from '@/features/shelf/ShelfPage';
import { TrustPage } from '@/features/trust/TrustPage';
import { getSession, loginPath, Problem } from '@/lib/api';
import { onLogEntry, startLive } from '@/lib/live_store';
import { Frame } from './Frame';
import { LoginPage } from './LoginPage';

/** What an entry of the log does not change, or what is asked for at its own pace. */
const slow = new Set([
  'session',
  'feeders',
  'all-substations',
  'substations',
  'series',
  'forecast',
  'data-quality',
  'trust',
  'scenarios',
  'scenario-result',
  'scenario-curve',
  'scenario-diff',
  'rule-passage',
  'contingencies',
]);

export function App() {
  const session = useQuery({ queryKey: ['session'], queryFn: ({ signal }) => getSession(signal), staleTime: 60_000 });
  const [path] = useLocation();
  const queries = useQueryClient();
  const mayRead = session.data !== undefined && (!session.data.auth_required || session.data.authenticated);

  useEffect(() => (mayRead ? startLive() : undefined), [mayRead]);

  // The log says what changed; what is on the screen is then read again, at most once a second.
  useEffect(() => {
    let timer: number | null = null;
    const stop = onLogEntry(() => {
      timer ??= window.setTimeout(() => {
        timer = null;
        queries.invalidateQueries({ predicate: (query) => !slow.has(String(query.queryKey[0])) });
      }, 1_000);
    });
    return () => {
      stop();
      if (timer !== null) {
        window.clearTimeout(timer);
      }
    };
  }, [queries]);

  if (session.isError) {
    const fault = session.error;
    return (
      <Notice title={fault instanceof Problem && fault.status === 0 ? 'The server does not answer' : 'Not available'}>
        <p role="alert">{fault.message}</p>
        <p>
          <button type="button" onClick={() => session.refetch()}>
            Try again
          </button>
        </p>
      </Notice>
    );
  }
  if (!session.data) {
    return null;
  }
  if (!mayRead && path !== loginPath) {
    return <Redirect to={`${loginPath}?to=${encodeURIComponent(path + window.location.search)}`} replace />;
  }
  return (
    <Switch>
      <Route path={loginPath}>
        <LoginPage onDone={() => session.refetch()} />
      </Route>
      <Route>
        <Frame session={session.data} onSignedOut={() => session.refetch()}>
          <Switch>
            <Route path="/">
              <Overview />
            </Route>
            <Route path="/quality">
              <QualityPage />
            </Route>
            <Route path="/trust">
              <TrustPage session={session.data} />
            </Route>
            <Route path="/programmes">
              <ProgrammesPage session={session.data} />
            </Route>
            <Route path="/scenarios">
              <ScenariosPage session={session.data} />
            </Route>
            <Route path="/contingencies">
              <ShelfPage session={session.data} />
            </Route>
            <Route path="/models">
              <ModelsPage />
            </Route>
            <Route path="/plans">
              <PlansPage />
            </Route>
            <Route path="/plans/:id">{(params) => <PlanPage planId={params.id} session={session.data} />}</Route>
            <Route path="/events/:id">{(params) => <EventPage eventId={params.id} />}</Route>
            <Route>
              <Notice title="There is no such page">
                <p>
                  <Link href="/">Go to the overview</Link>
                </p>
              </Notice>
            </Route>
          </Switch>
        </Frame>
      </Route>
    </Switch>
  );
}
