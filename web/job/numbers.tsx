import { Download } from 'lucide-react';
import type { ReactNode } from 'react';
import { actualWords, estimateWords } from '../../contracts/estimates/words';
import { figures } from '../../contracts/job/formats';
import type { JobView } from '../../contracts/job/view';
import { PRIORITY } from '../../contracts/messages/settings';
import type { UnitSystem } from '../../contracts/scene/units';
import { STAGE } from '../../contracts/stages/stages';
import { STREAMED_INDEX } from '../../contracts/storage/layout';
import { purposeOf } from '../../contracts/storage/purposes';
import { job as words } from '../i18n/en/job';
import { bytes, count, duration, usd } from '../ui/format';
import { useUnits } from '../ui/units';
import { Facts } from '../ui/facts';
import './ledger.css';

/** What a job has come to, what was expected of it, and its limits. */
export function jobFigures(
  { photos, stages, attempts, costUsd, estimate, priority, budget, capacity }: JobView,
  units: UnitSystem,
): [string, string][] {
  const rows = figures(photos, stages, units);
  if (attempts.length > 0)
    rows.push(
      [words.machineTime, duration(attempts.reduce((sum, { seconds }) => sum + seconds, 0))],
      [words.finalCost, usd(costUsd)],
    );
  if (estimate !== null) {
    rows.push([words.expected, estimateWords(estimate)]);
    if (estimate.actual !== null) rows.push([words.came, actualWords(estimate.actual)]);
  }
  const savedUsd = attempts.reduce((sum, attempt) => sum + attempt.savedUsd, 0);
  if (capacity === 'spot') rows.push([words.capacity, savedUsd > 0 ? words.spotSaved(usd(savedUsd)) : words.spot]);
  if (priority !== PRIORITY.default) rows.push([words.priority, String(priority)]);
  if (budget.budgetUsd !== null) rows.push([words.budget, usd(budget.budgetUsd)]);
  if (budget.maxHours !== null) rows.push([words.maxHours, duration(budget.maxHours * 3600)]);
  return rows;
}

export function Numbers({ job }: { readonly job: JobView }): ReactNode {
  const rows = jobFigures(job, useUnits());
  if (rows.length === 0) return null;
  return (
    <section className="card">
      <h2>{words.numbers}</h2>
      <Facts facts={rows} />
    </section>
  );
}

export function Downloads({ result }: Pick<JobView, 'result'>): ReactNode {
  // The index of a streamed scene is worth nothing without what it names.
  const files = result?.files.filter(({ name }) => name !== STREAMED_INDEX) ?? [];
  if (files.length === 0) return null;
  return (
    <section className="card">
      <h2>{words.downloads}</h2>
      <ul className="downloads">
        {files.map((file) => (
          <li key={file.name}>
            {/* Of an index its address is wanted, and not the file without what it names. */}
            <a href={file.url} download={!file.name.includes('/')}>
              <Download aria-hidden="true" size={16} />
              {file.name}
            </a>
            <span className="quiet small">{bytes(file.bytes)}</span>
            <p className="quiet small">{purposeOf(file.name)}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** One line for each machine that was rented. */
export function Ledger({ attempts }: Pick<JobView, 'attempts'>): ReactNode {
  if (attempts.length === 0) return null;
  const { columns } = words;
  return (
    <section className="card">
      <h2>{words.machines}</h2>
      <div className="scroll" tabIndex={0} role="region" aria-label={words.machines}>
        <table className="ledger">
          <thead>
            <tr>
              {[columns.stage, columns.attempt, columns.machine, columns.outcome].map((name) => (
                <th key={name}>{name}</th>
              ))}
              <th className="number">{columns.time}</th>
              <th className="number">{columns.cost}</th>
            </tr>
          </thead>
          <tbody>
            {attempts.map(({ jobName, stage, attempt, instanceType, status, failure, seconds, costUsd }) => (
              <tr key={jobName}>
                <td>{STAGE[stage].title}</td>
                <td data-name={columns.attempt}>{attempt}</td>
                <td>{instanceType}</td>
                <td>
                  {status} {failure !== null && <code>{failure.code}</code>}
                </td>
                <td className="number">{duration(seconds)}</td>
                <td className="number">{usd(costUsd)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const MAX_REJECTED = 50;

/** Files that are no photos, or that intake could not read. */
export function Rejected({ photos }: Pick<JobView, 'photos'>): ReactNode {
  if (photos === null || photos.rejected.length === 0) return null;
  const shown = photos.rejected.slice(0, MAX_REJECTED);
  const more = photos.leftOut - shown.length;
  return (
    <details className="card">
      <summary>{words.leftOut(count(photos.leftOut))}</summary>
      <ul>
        {shown.map(({ name, reason }) => (
          <li key={name}>
            <code>{name}</code>: {reason}
          </li>
        ))}
      </ul>
      {more > 0 && <p>{words.andMore(count(more))}</p>}
    </details>
  );
}
