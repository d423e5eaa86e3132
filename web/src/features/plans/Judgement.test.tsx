import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Judgement } from './Judgement';
import type { WholePlan } from './model';

const plan = {
  plan_id: 'ev-1.1',
  kind: 'event',
  feeder_id: 'F-1',
  state: 'proposed',
  sha256: 'a'.repeat(64),
  start: '2027-01-14T17:00:00Z',
  end: '2027-01-14T18:00:00Z',
  expires_at: '2027-01-14T16:10:00Z',
  cost_gbp: 12,
  shortfall_kw: 0,
  actions: [{ provider: 'acme', der_id: 'BAT-1' }],
  copilot: null,
} as unknown as WholePlan;
const session = (role: string) => ({ user: 'alex', role, auth_required: true, authenticated: true });
const now = Date.parse('2027-01-14T16:00:00Z');

function show(change: Partial<WholePlan> = {}, role = 'approver', live = true) {
  const onDone = vi.fn();
  const props = { session: session(role), live, domainNow: now, zone: 'utc' as const, onDone };
  const shown = render(<Judgement plan={{ ...plan, ...change }} {...props} />);
  return {
    onDone,
    again: (to: Partial<WholePlan>) => shown.rerender(<Judgement plan={{ ...plan, ...to }} {...props} />),
  };
}

beforeEach(() => {
  HTMLDialogElement.prototype.showModal = function showModal() {
    this.open = true;
  };
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe('judging a plan', () => {
  test('only a plan that waits can be judged', () => {
    show({ state: 'approved' });
    expect(screen.queryByRole('button')).toBeNull();
  });

  test('says which role is missing, or that the server is not heard', () => {
    show({}, 'operator');
    expect((screen.getByRole('button', { name: 'Approve…' }) as HTMLButtonElement).disabled).toBe(true);
    expect(screen.getByText('Needs the role approver; yours is operator.')).toBeTruthy();
    cleanup();
    show({}, 'approver', false);
    expect(screen.getByText(/not heard/)).toBeTruthy();
  });

  test('sends the hash that was shown, with the reason', async () => {
    const fetched = vi.fn(async () => new Response('{"status":"approved"}', { status: 200 }));
    vi.stubGlobal('fetch', fetched);
    const { onDone } = show();
    fireEvent.click(screen.getByRole('button', { name: 'Approve…' }));
    expect(screen.getByText('a'.repeat(64))).toBeTruthy();
    fireEvent.change(screen.getByRole('textbox', { hidden: true }), { target: { value: 'covers it' } });
    fireEvent.click(screen.getByRole('button', { name: 'Confirm: approve', hidden: true }));
    await waitFor(() => expect(onDone).toHaveBeenCalled());
    const [path, init] = fetched.mock.calls[0] as unknown as [string, RequestInit];
    expect(path).toBe('/api/v1/plans/ev-1.1/approve');
    expect(JSON.parse(String(init.body))).toEqual({ sha256: 'a'.repeat(64), reason: 'covers it' });
  });

  test('a plan that changes while it is looked at is told, and the old hash stays bound', () => {
    const { again } = show();
    fireEvent.click(screen.getByRole('button', { name: 'Approve…' }));
    again({ sha256: 'b'.repeat(64) });
    expect(screen.getByText('a'.repeat(64))).toBeTruthy();
    expect(screen.getByText(/has changed since this was opened/)).toBeTruthy();
  });

  test('a proposal is approved by its own hash, and only while it may be', () => {
    const copilot = { may_be_approved: true, proposal_sha256: 'c'.repeat(64), proposal_actions: [] } as never;
    show({ copilot });
    fireEvent.click(screen.getByRole('button', { name: 'Approve the proposal instead…' }));
    expect(screen.getByText('c'.repeat(64))).toBeTruthy();
    cleanup();
    show({ copilot: { may_be_approved: false } as never });
    expect(screen.queryByRole('button', { name: 'Approve the proposal instead…' })).toBeNull();
  });
});
