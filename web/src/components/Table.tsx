import type { ReactNode } from 'react';

export interface Column<Row> {
  key: string;
  title: ReactNode;
  /** numbers stand right, in fixed decimals, their unit in the title */
  number?: boolean;
  cell: (row: Row) => ReactNode;
}

interface Props<Row> {
  /** says what the table is to who cannot see where it stands */
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  selected?: string | null;
  onSelect?: (row: Row) => void;
}

export function Table<Row>({ caption, columns, rows, rowKey, selected, onSelect }: Props<Row>) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-scroll" tabIndex={0} aria-label={caption}>
      <table className="table">
        <caption className="hidden-text">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" className={column.number ? 'number' : undefined}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={rowKey(row)}
              aria-selected={selected === undefined ? undefined : rowKey(row) === selected}
              onClick={
                onSelect
                  ? (click) => {
                      // A link or button in the row has its own meaning.
                      if (!(click.target instanceof Element && click.target.closest('a, button'))) {
                        onSelect(row);
                      }
                    }
                  : undefined
              }
            >
              {columns.map((column) => (
                <td key={column.key} className={column.number ? 'number' : undefined}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
