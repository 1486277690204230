import type { UsageView } from '../../contracts/usage/usage-schema';

const COLUMNS = ['day', 'preset', 'stage', 'jobs', 'attempts', 'machineHours', 'costUsd'] as const;

/** The lines as a table of RFC 4180, with a line of names. */
export const usageCsv = ({ lines }: Pick<UsageView, 'lines'>): string =>
  [COLUMNS, ...lines.map((line) => COLUMNS.map((column) => line[column]))]
    .map((cells) => `${cells.map(cell).join(',')}\r\n`)
    .join('');

/** Spreadsheets run a cell that begins so as a formula, wherever its text came from (OWASP, "CSV Injection"). */
const FORMULA = /^[=+\-@\t\r]/;

function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
