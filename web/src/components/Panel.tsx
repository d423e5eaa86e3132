import { type ReactNode, useId } from 'react';

interface Props {
  title: ReactNode;
  /** buttons at the right of the title; they keep their places */
  actions?: ReactNode;
  padded?: boolean;
  className?: string;
  children: ReactNode;
}

/** A titled region of a page. */
export function Panel({ title, actions, padded = false, className = '', children }: Props) {
  const id = useId();
  return (
    <section className={`panel ${className}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {actions ? <div className="actions">{actions}</div> : null}
      </header>
      <div className={padded ? 'body padded' : 'body'}>{children}</div>
    </section>
  );
}
