import { inOneLine } from '../../contracts/job/words';

/** Text of others in a terminal: one line, without what would move the cursor or turn the direction of writing. */
export const printable = (text: string): string => inOneLine(text);

/** Columns as wide as their widest cell, two blanks apart. The last column may be of any length. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
