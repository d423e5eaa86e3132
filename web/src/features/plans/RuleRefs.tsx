import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { getJson } from '@/lib/api';
import type { RuleRef } from './model';

interface Hit {
  passage_id: number;
  document: string;
  page: number;
  line: number;
}

interface Passage {
  passage_id: number;
  text: string;
}

/** The passage that was cited, found again by its words, its page and its line. */
async function readPassage(ref: RuleRef, signal: AbortSignal): Promise<Passage | null> {
  const query = { q: ref.words.join(' '), document: ref.document, limit: 20 };
  const { passages } = await getJson<{ passages: Hit[] }>('/api/v1/knowledge/search', query, signal);
  const hit = passages.find((one) => one.page === ref.page && one.line === ref.line);
  return hit ? getJson<Passage>(`/api/v1/knowledge/passages/${hit.passage_id}`, {}, signal) : null;
}

export function placeWords(ref: Pick<RuleRef, 'document' | 'section' | 'page' | 'line'>): string {
  const where = ref.page > 0 ? `page ${ref.page}` : `line ${ref.line}`;
  return [ref.document, ref.section, where].filter((one) => one !== '').join(', ');
}

function Passage({ reference }: { reference: RuleRef }) {
  const passage = useQuery({
    queryKey: ['rule-passage', reference.document, reference.page, reference.line],
    queryFn: ({ signal }) => readPassage(reference, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (passage.isError) {
    return <p role="alert">The passage could not be read: {passage.error.message}</p>;
  }
  if (passage.isLoading) {
    return <p role="status">Reading…</p>;
  }
  if (!passage.data) {
    return <p>The passage is not in the index any more: the rulebook has been taken out or replaced.</p>;
  }
  return (
    <>
      <pre className="plan-passage">{passage.data.text}</pre>
      <p>
        <a href={`/api/v1/knowledge/passages/${passage.data.passage_id}`}>The passage as data</a>
      </p>
    </>
  );
}

function One({ reference }: { reference: RuleRef }) {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <b>{reference.subject}</b>: <q>{reference.quote}</q>
      <details onToggle={(toggle) => setOpen(toggle.currentTarget.open)}>
        <summary>{placeWords(reference)}: read the passage</summary>
        {open ? <Passage reference={reference} /> : null}
      </details>
    </li>
  );
}

/** What the site's rulebooks say of what the plan was made by, word for word. */
export function RuleRefs({ refs }: { refs: RuleRef[] }) {
  return (
    <section className="plan-section" aria-labelledby="plan-rulebooks">
      <h2 id="plan-rulebooks">Rulebooks</h2>
      {refs.length === 0 ? <p className="dim">No rulebook of this site speaks of it, so nothing is cited.</p> : null}
      <ul className="plan-list">
        {refs.map((ref) => (
          <One key={`${ref.subject}${ref.document}${ref.page}${ref.line}`} reference={ref} />
        ))}
      </ul>
    </section>
  );
}
