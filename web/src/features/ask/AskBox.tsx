import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { postJson } from '@/lib/api';
import { type AskAnswer, originWords } from './model';

const questionMax = 1000;
/** a model's whole turn, and a little more */
const answerWithinMs = 40_000;

/** One question, one answer in plain text with what it rests on. It reads only. */
export function AskBox({ mayAsk }: { mayAsk: boolean }) {
  const [question, setQuestion] = useState('');
  const asked = useMutation({
    mutationFn: (words: string) =>
      postJson<AskAnswer>('/api/v1/ask', { question: words }, { timeoutMs: answerWithinMs }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (question.trim() !== '') {
      asked.mutate(question);
    }
  };
  return (
    <form onSubmit={submit} className="ask-form">
      <label>
        Question
        <textarea
          value={question}
          maxLength={questionMax}
          rows={2}
          placeholder="Which feeders are tightest?"
          onChange={(change) => setQuestion(change.target.value)}
        />
      </label>
      <button type="submit" disabled={!mayAsk || asked.isPending || question.trim() === ''}>
        {asked.isPending ? 'Asking…' : 'Ask'}
      </button>
      {mayAsk ? null : <p className="dim">Asking needs the role operator.</p>}
      <div aria-live="polite">
        {asked.error ? <p role="alert">{asked.error.message}</p> : null}
        {asked.data ? <Answer answer={asked.data} /> : null}
      </div>
    </form>
  );
}

/** Plain text: nothing of it is read as HTML or as a link. */
function Answer({ answer }: { answer: AskAnswer }) {
  return (
    <section className="ask-answer" aria-label="Answer">
      <p className="ask-text">{answer.text}</p>
      <p className={answer.sourced ? 'dim' : 'ask-unsourced'}>
        {originWords(answer)}
        {answer.sourced ? '' : ' · no source'}
      </p>
      {answer.citations.length > 0 ? (
        <ul className="ask-sources" aria-label="Sources">
          {answer.citations.map((citation) => (
            <li key={citation.path}>
              <a href={citation.path} target="_blank" rel="noreferrer">
                {citation.label}
              </a>{' '}
              <span className="dim">{citation.seq === null ? citation.kind : `entry ${citation.seq}`}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
