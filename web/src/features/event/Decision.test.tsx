import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Decision } from './Decision';

const consequences = [{ term: 'Who is told', text: 'north' }];

function show(hindrance: string | null = null) {
  const onDone = vi.fn();
  render(
    <Decision
      verb="Approve the plan"
      path="/api/v1/plans/ev-1.1/approve"
      body={{ sha256: 'aa' }}
      consequences={consequences}
      hindrance={hindrance}
      onDone={onDone}
    />,
  );
  return onDone;
}

function answer(status: number, body: unknown) {
  const fetched = vi.fn(async (_path: string, _init: RequestInit) => new Response(JSON.stringify(body), { status }));
  vi.stubGlobal('fetch', fetched);
  return fetched;
}

const confirm = () => screen.getByRole('button', { name: 'Confirm: approve the plan' });

describe('Decision', () => {
  afterEach(() => {
    cleanup();
    vi.unstubAllGlobals();
  });

  it('shows what will happen before anything is sent, and sends nothing without a reason', () => {
    const fetched = answer(200, {});
    show();
    fireEvent.click(screen.getByRole('button', { name: 'Approve the plan…' }));
    expect(screen.getByText('north')).toBeTruthy();
    fireEvent.click(confirm());
    expect(screen.getByRole('alert').textContent).toContain('A reason is needed');
    expect(fetched).not.toHaveBeenCalled();
  });

  it('binds the decision to the plan that was shown', async () => {
    const fetched = answer(200, { status: 'approved' });
    const onDone = show();
    fireEvent.click(screen.getByRole('button', { name: 'Approve the plan…' }));
    fireEvent.change(screen.getByRole('textbox'), { target: { value: ' cold evening ' } });
    fireEvent.click(confirm());
    await waitFor(() => expect(onDone).toHaveBeenCalledOnce());
    const [path, init] = fetched.mock.calls[0] ?? [];
    expect(path).toBe('/api/v1/plans/ev-1.1/approve');
    expect(JSON.parse(String(init?.body))).toEqual({ sha256: 'aa', reason: 'cold evening' });
  });

  it('is never confirmed by Enter', () => {
    answer(200, {});
    show();
    fireEvent.click(screen.getByRole('button', { name: 'Approve the plan…' }));
    // The browser clicks a button on Enter unless the key's own action is refused.
    expect(fireEvent.keyDown(confirm(), { key: 'Enter' })).toBe(false);
    expect(fireEvent.keyDown(confirm(), { key: ' ' })).toBe(true);
  });

  it('says a refusal in words and stays open', async () => {
    answer(409, { status: 409, title: 'Conflict', detail: 'the plan is now bb' });
    const onDone = show();
    fireEvent.click(screen.getByRole('button', { name: 'Approve the plan…' }));
    fireEvent.change(screen.getByRole('textbox'), { target: { value: 'x' } });
    fireEvent.click(confirm());
    await waitFor(() => expect(screen.getByRole('alert').textContent).toContain('The plan has changed'));
    expect(onDone).not.toHaveBeenCalled();
    expect(confirm()).toBeTruthy();
  });

  it('is off while the server is not heard', () => {
    show('The server is not heard: nothing can be decided now.');
    expect((screen.getByRole('button', { name: 'Approve the plan…' }) as HTMLButtonElement).disabled).toBe(true);
  });
});
