import { type FormEvent, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { Problem, postJson } from '@/lib/api';
import { formatDuration } from '@/lib/units';

/** Only a path of these pages: a link must not send a signed-in person elsewhere. */
export function safeTarget(to: string | null): string {
  return to?.startsWith('/') && !to.startsWith('//') && !to.includes('\\') ? to : '/';
}

export function LoginPage({ onDone }: { onDone: () => Promise<unknown> }) {
  const [search] = useSearchParams();
  const [, navigate] = useLocation();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    try {
      await postJson('/api/v1/login', { name, password });
      await onDone();
      navigate(safeTarget(search.get('to')), { replace: true });
    } catch (cause) {
      const wait = cause instanceof Problem ? cause.retryAfterSeconds : null;
      const text = cause instanceof Error ? cause.message : String(cause);
      setFault(wait === null ? text : `${text} Try again in ${formatDuration(wait)}.`);
      setBusy(false);
    }
  };

  return (
    <main className="login">
      <form onSubmit={submit}>
        <h1>Headroom</h1>
        <label>
          Name
          <input
            value={name}
            autoComplete="username"
            required
            maxLength={64}
            onChange={(change) => setName(change.target.value)}
          />
        </label>
        <label>
          Password
          <input
            type="password"
            value={password}
            autoComplete="current-password"
            required
            maxLength={256}
            onChange={(change) => setPassword(change.target.value)}
          />
        </label>
        {fault ? (
          <p className="fault" role="alert">
            {fault}
          </p>
        ) : null}
        <button type="submit" disabled={busy}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
