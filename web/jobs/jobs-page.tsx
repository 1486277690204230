import { Plus } from 'lucide-react';
import { useDeferredValue, useState, type ReactNode } from 'react';
import { Link, useSearchParams } from 'wouter';
import { PAGES } from '../../contracts/pages/addresses';
import { jobs as words } from '../i18n/en/jobs';
import { useNow } from '../ui/now';
import { Problem } from '../ui/problem';
import { useTitle } from '../ui/title';
import { Batches } from './batches';
import { JobRow } from './job-row';
import { isStateGroup, useJobList, type StateGroup } from './queries';
import './jobs-page.css';

const GROUPS: readonly (StateGroup | null)[] = [null, 'working', 'parked', 'done', 'ended'];

/** All jobs, live; where there are none yet, the way to the first. */
export default function JobsPage(): ReactNode {
  useTitle(words.title);
  const [search, setSearch] = useSearchParams();
  const asked = search.get('show');
  const group = isStateGroup(asked) ? asked : null;
  const batch = search.get('batch');
  const [text, setText] = useState(search.get('text') ?? '');
  const filter = { group, batch, text: useDeferredValue(text.trim()) };
  const list = useJobList(filter);
  const nowMs = useNow();
  const entries = list.data?.pages.flatMap((page) => page.jobs) ?? [];
  const isFiltered = group !== null || batch !== null || filter.text !== '';

  const setParam = (name: string, value: string | null): void =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === null || value === '') next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );

  if (list.data !== undefined && entries.length === 0 && !isFiltered) return <Invitation />;
  return (
    <>
      <div className="page-head">
        <h1>{words.title}</h1>
        <Link href={PAGES.upload} className="button primary">
          <Plus aria-hidden="true" size={18} />
          {words.upload}
        </Link>
      </div>
      <div className="job-filters">
        <nav aria-label={words.filters.label}>
          {GROUPS.map((each) => (
            <button
              key={each ?? 'all'}
              type="button"
              className="chip"
              aria-pressed={each === group}
              onClick={() => setParam('show', each)}
            >
              {words.filters[each ?? 'all']}
            </button>
          ))}
        </nav>
        <input
          type="search"
          aria-label={words.search}
          placeholder={words.search}
          value={text}
          onChange={({ target }) => {
            setText(target.value);
            setParam('text', target.value.trim());
          }}
        />
      </div>
      <Batches chosen={batch} choose={(id) => setParam('batch', id)} />
      {list.isError && <Problem error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Placeholder />}
      {list.data !== undefined && entries.length === 0 && <p className="none">{words.noMatch}</p>}
      <ul className="job-list">
        {entries.map((entry) => (
          <JobRow key={entry.jobId} entry={entry} nowMs={nowMs} />
        ))}
      </ul>
      {list.hasNextPage && (
        <p className="more">
          <button type="button" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {words.more}
          </button>
        </p>
      )}
    </>
  );
}

function Invitation(): ReactNode {
  return (
    <section className="invitation">
      <img src="/app/icon.svg" alt="" width="72" height="72" />
      <h1>{words.empty.title}</h1>
      <p>{words.empty.text}</p>
      <Link href={PAGES.upload} className="button primary">
        <Plus aria-hidden="true" size={18} />
        {words.empty.action}
      </Link>
    </section>
  );
}

/** As high as a list, so that nothing jumps when it comes. */
function Placeholder(): ReactNode {
  return (
    <div className="job-list placeholder" aria-hidden="true">
      {Array.from({ length: 4 }, (_, index) => (
        <div key={index} className="job-row" />
      ))}
    </div>
  );
}
