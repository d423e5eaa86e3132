import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { idempotencyKey, Problem, postJson } from '@/lib/api';
import { refusalWords } from '@/lib/words';

export interface Consequence {
  term: string;
  text: string;
}

interface Props {
  /** "Approve the plan" */
  verb: string;
  /** where it is written to */
  path: string;
  body: Record<string, string>;
  consequences: Consequence[];
  /** why it cannot be done now; null when it can */
  hindrance: string | null;
  isGrave?: boolean;
  onDone: () => void;
}

type Step = 'closed' | 'preview' | 'sending' | 'done';

/** Enter must never carry out a dispatch: a button here answers to Space and to the pointer. */
function noEnter(event: KeyboardEvent) {
  if (event.key === 'Enter') {
    event.preventDefault();
  }
}

/** Select, look at what will happen, give a reason, confirm. */
export function Decision({ verb, path, body, consequences, hindrance, isGrave = false, onDone }: Props) {
  const [step, setStep] = useState<Step>('closed');
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const key = useRef('');
  const field = useId();
  const open = () => {
    key.current = idempotencyKey();
    setFault(null);
    setStep('preview');
  };
  const confirm = async () => {
    if (reason.trim() === '') {
      setFault('A reason is needed: it is written into the audit log.');
      return;
    }
    setStep('sending');
    try {
      await postJson(path, { ...body, reason: reason.trim() }, { key: key.current });
      setStep('done');
      onDone();
    } catch (cause) {
      const problem = cause instanceof Problem ? cause : new Problem(0, '', '');
      if (problem.status !== 0) {
        key.current = idempotencyKey(); // refused: the next attempt is another write
      }
      setFault(refusalWords(problem.status, problem.detail));
      setStep('preview');
    }
  };
  if (step === 'closed' || step === 'done') {
    return (
      <div className="ev-decision">
        <button
          type="button"
          className={isGrave ? 'ev-button ev-button-grave' : 'ev-button'}
          disabled={hindrance !== null}
          onClick={open}
        >
          {verb}…
        </button>
        {hindrance ? <span className="ev-hindrance">{hindrance}</span> : null}
        {step === 'done' ? (
          <span role="status" className="ev-hindrance">
            Done; the log below shows it.
          </span>
        ) : null}
      </div>
    );
  }
  return (
    <section className="ev-decision ev-preview" aria-label={`${verb}: preview`}>
      <h4>{verb}: what will happen</h4>
      <dl className="ev-terms">
        {consequences.map(({ term, text }) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <label htmlFor={field}>Reason (goes into the audit log)</label>
      <textarea
        id={field}
        rows={2}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      {fault ? (
        <p role="alert" className="ev-warning">
          {fault}
        </p>
      ) : null}
      <div className="ev-buttons">
        <button
          type="button"
          className={isGrave ? 'ev-button ev-button-grave' : 'ev-button ev-button-main'}
          disabled={hindrance !== null || step === 'sending'}
          onKeyDown={noEnter}
          onClick={() => void confirm()}
        >
          {step === 'sending' ? 'Sending…' : `Confirm: ${verb.toLowerCase()}`}
        </button>
        <button type="button" className="ev-button" onClick={() => setStep('closed')}>
          Back
        </button>
        <span className="ev-hindrance">{hindrance ?? 'Enter does not confirm; use Space or the pointer.'}</span>
      </div>
    </section>
  );
}
