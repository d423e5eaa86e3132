import type { ReactNode } from 'react';

interface Props {
  id: string;
  title: string;
  /** which clock, whose data: said once, beside the title */
  note?: string | undefined;
  children: ReactNode;
}

export function Section({ id, title, note, children }: Props) {
  return (
    <section className="ev-section" aria-labelledby={`ev-${id}`}>
      <h2 id={`ev-${id}`}>
        {title}
        {note ? <span className="ev-note"> {note}</span> : null}
      </h2>
      {children}
    </section>
  );
}
