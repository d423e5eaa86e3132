import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { getJson, roleAllows, type Session } from '@/lib/api';
import { AskBox } from './AskBox';
import { type CopilotState, chipHelp, chipWord } from './model';
import './ask.css';

/** The co-pilot's state in the header; it opens the box for questions. */
export function AskChip({ session }: { session: Session }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const copilot = useQuery({
    queryKey: ['copilot'],
    queryFn: ({ signal }) => getJson<CopilotState>('/api/v1/copilot', {}, signal),
    refetchInterval: 10_000,
    retry: false,
  });
  return (
    <>
      <button
        type="button"
        className={`ask-chip ${copilot.data?.state ?? 'unknown'}`}
        title={chipHelp(copilot.data)}
        onClick={() => dialog.current?.showModal()}
      >
        {chipWord(copilot.data)}…
      </button>
      <dialog ref={dialog} className="dialog ask-dialog" aria-label="Ask about the state of the room">
        <div>
          <h2>Ask</h2>
          <p className="dim">{chipHelp(copilot.data)}.</p>
          <AskBox mayAsk={roleAllows(session, 'operator')} />
          <div className="row">
            <button type="button" onClick={() => dialog.current?.close()}>
              Close
            </button>
          </div>
        </div>
      </dialog>
    </>
  );
}
