import type { ReactNode } from 'react';

export interface Column<Row> {
  header: string;
  unit?: string;
  /** right-aligned, tabular figures */
  numeric?: boolean;
  /** the row's own name: a header cell */
  head?: boolean;
  cell: (row: Row) => ReactNode;
}

interface Props<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row, index: number) => string;
  rowClass?: (row: Row) => string | undefined;
  /** long tables scroll on the screen and are whole on paper */
  long?: boolean;
  foot?: ReactNode;
  empty?: string;
}

export function Table<Row>({ caption, columns, rows, rowKey, rowClass, long = false, foot, empty }: Props<Row>) {
  if (rows.length === 0) {
    return <p className="ev-none">{empty ?? 'Nothing yet.'}</p>;
  }
  return (
    // A region that scrolls must be reachable by keyboard; its name is the table's caption.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section className={long ? 'ev-scroll ev-scroll-long' : 'ev-scroll'} tabIndex={0} aria-label={caption}>
      <table className="ev-table">
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.header} scope="col" className={column.numeric ? 'ev-num' : undefined}>
                {column.header}
                {column.unit ? <span className="ev-unit"> {column.unit}</span> : null}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={rowKey(row, index)} className={rowClass?.(row)}>
              {columns.map((column) =>
                column.head ? (
                  <th key={column.header} scope="row" className={column.numeric ? 'ev-num' : undefined}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.header} className={column.numeric ? 'ev-num' : undefined}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
        {foot ? <tfoot>{foot}</tfoot> : null}
      </table>
    </section>
  );
}
