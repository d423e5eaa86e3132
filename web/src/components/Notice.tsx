import type { ReactNode } from 'react';

/** What stands where there is nothing to show: what is missing, and what to do. */
export function Notice({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="notice">
      <strong>{title}</strong>
      {children}
    </div>
  );
}
