import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { isFinal } from '../../../contracts/job/state';
import type { JobView } from '../../../contracts/job/view';
import { posterName } from '../../../contracts/storage/posters';
import { job as words } from '../../i18n/en/job';
import { jobPage, previewOf, previewSceneOf, shownFile } from '../../ui/address';
import { time } from '../../ui/format';
import './scene-place.css';

const TrainingScene = lazy(() => import('./training-scene'));

/** The place of the scene: its picture leads to it. */
export function ScenePlace({ job }: { readonly job: JobView }): ReactNode {
  const { jobId, state, result, filesDeleted } = job;
  const deletedAt = filesDeleted?.results ?? null;
  if (result !== null && deletedAt === null) {
    const poster = posterName(new Set(result.files.map(({ name }) => name)));
    return (
      <Link href={jobPage(jobId, 'scene')} className="scene-place ready">
        {poster !== null && <img src={shownFile(jobId, poster)} alt={words.scene.alt} />}
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
      {!isFinal(state) && job.previewUrl !== null && <Training job={job} />}
    </div>
  );
}

/** What training has made of the scene so far: a picture, and where there is one already, a scene to look around in. */
function Training({ job }: { readonly job: JobView }): ReactNode {
  const [inside, setInside] = useState(false);
  const version = usePreviewScene(job);
  if (inside && version !== null)
    return (
      <Suspense>
        <TrainingScene jobId={job.jobId} version={version} onClose={() => setInside(false)} />
      </Suspense>
    );
  return (
    <TrainingPicture job={job}>
      {version !== null && (
        <button type="button" onClick={() => setInside(true)}>
          {words.scene.lookAround}
        </button>
      )}
    </TrainingPicture>
  );
}

/** Times that news of a training are asked for, at most. */
const LOOKS = 60;
/** Part of a training before which there is no scene. */
const FIRST_SCENE = 0.1;

const partOf = ({ stageProgress }: JobView): number | null =>
  stageProgress?.stage === 'training' ? (stageProgress.fraction ?? 0) : null;

/** The version of the newest scene of a training; null before the first. */
function usePreviewScene(job: JobView): string | null {
  const { jobId, previewSceneUrl } = job;
  const part = partOf(job);
  const { data = null } = useQuery({
    queryKey: ['preview scene', jobId, part === null ? 'end' : Math.round(part * LOOKS)],
    queryFn: async ({ signal }) => {
      const asked = { method: 'HEAD', credentials: 'same-origin', signal } as const;
      const { ok, headers } = await fetch(previewSceneOf(jobId), asked);
      return ok ? headers.get('etag') : null; // none before the first scene
    },
    enabled: previewSceneUrl !== null && (part === null || part >= FIRST_SCENE),
    placeholderData: keepPreviousData,
  });
  return data;
}

/** A new picture as training goes on, and none before the first is drawn. */
function TrainingPicture({ job, children }: { readonly job: JobView; readonly children: ReactNode }): ReactNode {
  const [shown, setShown] = useState<string | null>(null);
  const part = partOf(job);
  const newest = `${previewOf(job.jobId)}?at=${part === null ? 'end' : Math.round(part * LOOKS)}`;
  return (
    <>
      {shown !== null && <img src={shown} alt={words.scene.training} />}
      {/* Loaded out of sight, so that one picture stays until the next is there. */}
      <img key={newest} src={newest} alt="" hidden onLoad={() => setShown(newest)} />
      {shown !== null && (
        <div className="training-note">
          <span>{words.scene.training}</span>
          {children}
        </div>
      )}
    </>
  );
}
