import { ChevronLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { JobView } from '../../contracts/job/view';
import { NotFoundPage } from '../app/not-found-page';
import { ApiProblem } from '../api/problem';
import { app } from '../i18n/en/app';
import { job as words } from '../i18n/en/job';
import { Badge } from '../jobs/badge';
import { presetWord } from '../jobs/preset';
import { jobPage } from '../ui/address';
import { time } from '../ui/format';
import { Problem } from '../ui/problem';
import { useTitle } from '../ui/title';
import { useJob } from './query';
import './job-frame.css';

interface Props {
  readonly jobId: string;
  readonly page: 'job' | 'report' | 'photos';
  readonly children: (job: JobView) => ReactNode;
}

const TABS = ['job', 'scene', 'photos', 'report'] as const;

/** The frame of a job's pages: its name and state, and the way to its other pages. What it lacks is not found. */
export function JobFrame({ jobId, page, children }: Props): ReactNode {
  const { data: job, error, refetch } = useJob(jobId);
  useTitle(job === undefined ? app.loading : page === 'job' ? job.name : `${words.tabs[page]}: ${job.name}`);
  if (job === undefined) {
    if (error === null) return <p className="loading">{app.loading}</p>;
    if (!(error instanceof ApiProblem)) return <Problem error={error} again={() => void refetch()} />;
    if (error.status === 410) return <NotFoundPage title={error.title} text={error.message} />;
    if (error.status === 404) return <NotFoundPage {...words.notFound} />;
    return <Problem error={error} again={() => void refetch()} />;
  }
  const hasScene = job.result !== null;
  return (
    <>
      <Link href="/" className="back">
        <ChevronLeft aria-hidden="true" size={18} />
        {words.back}
      </Link>
      <div className="job-head">
        <h1>
          {job.name} <Badge state={job.state} waitsFor={job.waiting?.for ?? null} />
        </h1>
        <p className="quiet small">
          {words.started(time(job.createdAt))} · {presetWord(job.preset)} · <span className="input">{job.input}</span> ·{' '}
          <code>{job.jobId}</code>
        </p>
      </div>
      {hasScene && (
        <nav className="tabs" aria-label={words.tabs.label}>
          {TABS.map((tab) => (
            <Link key={tab} href={jobPage(jobId, tab)} aria-current={tab === page ? 'page' : undefined}>
              {words.tabs[tab]}
            </Link>
          ))}
        </nav>
      )}
      {children(job)}
    </>
  );
}
