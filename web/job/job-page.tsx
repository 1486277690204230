import { lazy, Suspense, type ReactNode } from 'react';
import { isFinal } from '../../contracts/job/state';
import type { PageProps } from '../app/page-props';
import { job as words } from '../i18n/en/job';
import { Actions } from './actions';
import { Fit } from './fit';
import { JobFrame } from './job-frame';
import { Logs } from './logs';
import { Downloads, Ledger, Numbers, Rejected } from './numbers';
import { Notes, Situation } from './situation';
import { ScenePlace } from './scene-place/scene-place';
import { Headline, Timeline } from './timeline';
import './job-page.css';

const Curve = lazy(() => import('./curve'));

/** One job: what it does, what it made, or what went wrong and what to do. */
export default function JobPage({ params: { id = '' } }: PageProps): ReactNode {
  return (
    <JobFrame jobId={id} page="job">
      {(job) => (
        <>
          <Situation job={job} />
          <Notes job={job} />
          <div className="job-columns">
            <ScenePlace job={job} />
            <section className="card progress">
              <Headline job={job} />
              <Timeline job={job} />
              <Actions job={job} />
            </section>
          </div>
          {(!isFinal(job.state) || job.quality.length > 0) && (
            <Suspense>
              <Curve job={job} />
            </Suspense>
          )}
          <Numbers job={job} />
          <Fit job={job} />
          <Downloads result={job.result} />
          <Rejected photos={job.photos} />
          <Ledger attempts={job.attempts} />
          <Logs job={job} />
          <p className="links small">
            <a href={`/v1/jobs/${encodeURIComponent(job.jobId)}`}>{words.json}</a>
            {' · '}
            <a href={`/v1/jobs/${encodeURIComponent(job.jobId)}/audit`}>{words.audit}</a>
            {job.workflowUrl !== null && (
              <>
                {' · '}
                <a href={job.workflowUrl}>{words.temporal}</a>
              </>
            )}
          </p>
        </>
      )}
    </JobFrame>
  );
}
