import type { ReactNode } from 'react';
import type { Session } from '@/lib/api';
import { useLive } from '@/lib/live_store';
import { AlarmStrip } from './AlarmStrip';
import { Header } from './Header';
import { Shortcuts } from './Shortcuts';

interface Props {
  session: Session;
  onSignedOut: () => void;
  children: ReactNode;
}

/** Header, page, alarm strip; greys when the server has been silent for 5 s. */
export function Frame({ session, onSignedOut, children }: Props) {
  const lost = useLive((state) => state.heard && !state.live);
  return (
    <div className={lost ? 'frame lost' : 'frame'}>
      <Header session={session} onSignedOut={onSignedOut} />
      {lost ? (
        <p className="lost-banner" role="alert">
          No word from the server: what you see is old and writing is off. Trying again.
        </p>
      ) : null}
      <main className="page">{children}</main>
      <AlarmStrip />
      <Shortcuts />
    </div>
  );
}
