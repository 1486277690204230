import { Download } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { JobView } from '../../contracts/job/view';
import { STAGE } from '../../contracts/stages/stages';
import { job as words } from '../i18n/en/job';
import { clock, count } from '../ui/format';
import { MAX_LINES, useLog } from './log-lines';

type Attempt = JobView['attempts'][number];

/** What the programs of a job print, on demand: each attempt has its own. */
export function Logs({ job: { jobId, attempts } }: { readonly job: JobView }): ReactNode {
  const [isOpen, setIsOpen] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const attempt = attempts.find(({ jobName }) => jobName === chosen) ?? attempts.at(-1);
  if (attempt === undefined) return null;
  return (
    <details className="card logs" onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
      <summary>{words.logs.show}</summary>
      {isOpen && (
        <>
          <label>
            {words.logs.attempt}
            <select value={attempt.jobName} onChange={({ target }) => setChosen(target.value)}>
              {attempts.map(({ jobName, stage, attempt: number }) => (
                <option key={jobName} value={jobName}>
                  {words.logs.of(STAGE[stage].title, number)}
                </option>
              ))}
            </select>
          </label>
          <Log key={attempt.jobName} address={`/v1/jobs/${encodeURIComponent(jobId)}/logs`} attempt={attempt} />
        </>
      )}
    </details>
  );
}

function Log({
  address,
  attempt: { stage, attempt },
}: {
  readonly address: string;
  readonly attempt: Attempt;
}): ReactNode {
  const query = new URLSearchParams({ stage, attempt: String(attempt) }).toString();
  const { lines, isCut, hasFailed } = useLog(`${address}/stream?${query}`);
  const [follows, setFollows] = useState(true);
  const [filter, setFilter] = useState('');
  const list = useRef<HTMLOListElement>(null);
  const shown = filter === '' ? lines : lines.filter(({ text }) => text.toLowerCase().includes(filter.toLowerCase()));
  useEffect(() => {
    if (follows) list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [follows, shown]);
  return (
    <>
      <div className="log-tools">
        <label>
          <input type="checkbox" checked={follows} onChange={({ target }) => setFollows(target.checked)} />{' '}
          {words.logs.follow}
        </label>
        <input
          type="search"
          aria-label={words.logs.filter}
          placeholder={words.logs.filter}
          value={filter}
          onChange={({ target }) => setFilter(target.value)}
        />
        <a href={`${address}/download?${query}`} download className="button">
          <Download aria-hidden="true" size={16} />
          {words.logs.download}
        </a>
      </div>
      {isCut && (
        <p className="quiet small">{lines.length < MAX_LINES ? words.logs.gap : words.logs.newest(count(MAX_LINES))}</p>
      )}
      <ol
        ref={list}
        className="log"
        tabIndex={0}
        aria-label={words.logs.title}
        onWheel={({ deltaY }) => {
          if (deltaY < 0) setFollows(false);
        }}
      >
        {shown.map(({ at, text }, index) => (
          <li key={index}>
            <time dateTime={at}>{clock(at)}</time>
            {text}
          </li>
        ))}
      </ol>
      {lines.length === 0 && <p className="quiet">{hasFailed ? words.logs.none : words.logs.empty}</p>}
    </>
  );
}
