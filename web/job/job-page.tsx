import { lazy, Suspense, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { isFinal } from '../../contracts/job/state';
import type { JobView } from '../../contracts/job/view';
import type { PageProps } from '../app/page-props';
import { job as words } from '../i18n/en/job';
import { jobPage, previewOf, shownFile } from '../ui/address';
import { time } from '../ui/format';
import { Actions } from './actions';
import { Fit } from './fit';
import { JobFrame } from './job-frame';
import { Logs } from './logs';
import { Downloads, Ledger, Numbers, Rejected } from './numbers';
import { Notes, Situation } from './situation';
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
            <Scene job={job} />
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

/** The place of the scene: its picture leads to it. */
function Scene({ job }: { readonly job: JobView }): ReactNode {
  const { jobId, state, result, filesDeleted } = job;
  const deletedAt = filesDeleted?.results ?? null;
  if (result !== null && deletedAt === null) {
    const hasPoster = result.files.some(({ name }) => name === 'poster.jpg');
    return (
      <Link href={jobPage(jobId, 'scene')} className="scene-place ready">
        {hasPoster && <img src={shownFile(jobId, 'poster.jpg')} alt={words.scene.alt} />}
        <span className="button primary">{words.scene.open}</span>
      </Link>
    );
  }
  return (
    <div className="scene-place">
      <p>
        {deletedAt !== null
          ? words.scene.deleted(time(deletedAt))
          : isFinal(state)
            ? words.scene.ended
            : words.scene.waiting}
      </p>
      {!isFinal(state) && <TrainingPicture job={job} />}
    </div>
  );
}

/** Pictures of a training that are asked for, at most. */
const PICTURES = 60;

/** What training has made of the scene so far: a new picture as it goes on, and none before the first is drawn. */
function TrainingPicture({ job: { jobId, previewUrl, stageProgress } }: { readonly job: JobView }): ReactNode {
  const [shown, setShown] = useState<string | null>(null);
  if (previewUrl === null) return null;
  const at = stageProgress?.stage === 'training' ? Math.round((stageProgress.fraction ?? 0) * PICTURES) : 'end';
  const newest = `${previewOf(jobId)}?at=${at}`;
  return (
    <>
      {shown !== null && <img src={shown} alt={words.scene.training} />}
      {/* Loaded out of sight, so that one picture stays until the next is there. */}
      <img key={newest} src={newest} alt="" hidden onLoad={() => setShown(newest)} />
      {shown !== null && <p className="training-note">{words.scene.training}</p>}
    </>
  );
}
