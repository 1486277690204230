import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { UsageView } from '../../contracts/usage/usage-schema';
import { isStage } from '../../contracts/stages/stage';
import { STAGE } from '../../contracts/stages/stages';
import { answer, api } from '../api/client';
import { app } from '../i18n/en/app';
import { account } from '../i18n/en/account';
import { count, day, decimal, usd } from '../ui/format';
import { Problem } from '../ui/problem';
import { useTitle } from '../ui/title';
import { summed } from './usage-sums';
import './account.css';
import { Facts } from '../ui/facts';

const words = account.usage;
const today = (): string => new Date().toISOString().slice(0, 10);

/** What a tenant's machines came to, by day and by step. */
export default function UsagePage(): ReactNode {
  useTitle(words.title);
  const [to, setTo] = useState(today);
  const [from, setFrom] = useState(() => `${today().slice(0, 8)}01`);
  // A day beyond the other end takes that along.
  const between = (first: string, last: string): void => {
    setFrom(first);
    setTo(last);
  };
  const { data, error, refetch } = useQuery({
    queryKey: ['usage', from, to],
    queryFn: async ({ signal }): Promise<UsageView> =>
      (await answer(api.GET('/v1/usage', { params: { query: { from, to, format: 'json' } }, signal }))) as UsageView,
  });
  return (
    <>
      <div className="page-head">
        <h1>{words.title}</h1>
        <form className="days" onSubmit={(event) => event.preventDefault()}>
          <label>
            {words.from}
            <input
              type="date"
              value={from}
              required
              onChange={({ target: { value } }) => value && between(value, value > to ? value : to)}
            />
          </label>
          <label>
            {words.to}
            <input
              type="date"
              value={to}
              required
              onChange={({ target: { value } }) => value && between(value < from ? value : from, value)}
            />
          </label>
          <a
            className="button"
            download
            href={`/v1/usage?${new URLSearchParams({ from, to, format: 'csv' }).toString()}`}
          >
            <Download aria-hidden="true" size={16} />
            {words.csv}
          </a>
        </form>
      </div>
      {error !== null && <Problem error={error} again={() => void refetch()} />}
      {data === undefined && error === null && <p className="loading">{app.loading}</p>}
      {data !== undefined && <Usage usage={data} />}
      <p className="quiet small note">{words.note}</p>
    </>
  );
}

function Usage({ usage: { totals, lines, budget } }: { readonly usage: UsageView }): ReactNode {
  const facts = [
    [words.totals.cost, usd(totals.costUsd)],
    [words.totals.hours, decimal(totals.machineHours, 2)],
    [words.totals.jobs, count(totals.jobs)],
    [words.totals.attempts, count(totals.attempts)],
  ] as const;
  return (
    <>
      <section className="card">
        <Facts facts={facts} />
      </section>
      {budget !== null && (
        <section className="card">
          <h2>{words.budget}</h2>
          <progress max={budget.monthlyBudgetUsd} value={budget.spentUsd} aria-label={words.budget} />
          <p>{words.budgetWords(usd(budget.spentUsd), usd(budget.monthlyBudgetUsd))}</p>
          {budget.committedUsd > 0 && <p className="quiet">{words.committed(usd(budget.committedUsd))}</p>}
        </section>
      )}
      {lines.length === 0 ? (
        <p className="notice">{words.none}</p>
      ) : (
        <div className="usage-tables">
          <Sums
            title={words.byDay}
            column={words.day}
            rows={summed(lines, 'day').map((row) => ({ ...row, name: day(row.name) }))}
          />
          <Sums
            title={words.byStage}
            column={words.stage}
            rows={summed(lines, 'stage').map((row) => ({
              ...row,
              name: isStage(row.name) ? STAGE[row.name].title : row.name,
            }))}
          />
        </div>
      )}
    </>
  );
}

interface SumsProps {
  readonly title: string;
  readonly column: string;
  readonly rows: ReturnType<typeof summed>;
}

/** Sums as a table whose costs are bars too. */
function Sums({ title, column, rows }: SumsProps): ReactNode {
  const most = Math.max(...rows.map(({ costUsd }) => costUsd));
  return (
    <section className="card">
      <h2>{title}</h2>
      <table>
        <thead>
          <tr>
            <th>{column}</th>
            <th className="number">{words.totals.hours}</th>
            <th className="number">{words.totals.cost}</th>
            <th className="bar-cell" aria-hidden="true" />
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, machineHours, costUsd }) => (
            <tr key={name}>
              <td>{name}</td>
              <td className="number">{decimal(machineHours, 2)}</td>
              <td className="number">{usd(costUsd)}</td>
              <td className="bar-cell" aria-hidden="true">
                <i style={{ inlineSize: `${String(most === 0 ? 0 : (100 * costUsd) / most)}%` }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
