import { memo, type ReactNode } from 'react';
import { Link } from 'wouter';
import { timeLeftWords } from '../../contracts/estimates/words';
import { failureTitle } from '../../contracts/job/failures';
import { isFinal, STEP_TITLE } from '../../contracts/job/state';
import type { JobListEntry } from '../../contracts/job/view';
import { stageFraction } from '../../contracts/stages/phases';
import type { JobSnapshot } from '../../contracts/messages/job-snapshot';
import { listed } from '../api/events';
import { useSnapshot } from '../api/live';
import { jobs as words } from '../i18n/en/jobs';
import { jobPage } from '../ui/address';
import { count, duration, relative, share, usd } from '../ui/format';
import { Badge } from './badge';
import { Poster } from './poster';
import { presetWord } from './preset';
import { isStep, StageBar } from './stage-bar';

interface Props {
  readonly entry: JobListEntry;
  readonly nowMs: number;
}

/** One job of the list, as the newest event tells it. */
export const JobRow = memo(function JobRow({ entry, nowMs }: Props): ReactNode {
  const snapshot = useSnapshot(entry.jobId);
  const job = snapshot === undefined ? entry : listed(entry, snapshot);
  const { jobId, name, state, preset, photos, costUsd, createdAt } = job;
  const step = isStep(job.stage) ? job.stage : null;
  const live = snapshot?.stageProgress?.stage === step ? snapshot.stageProgress : null;
  return (
    <li className="job-row">
      <Poster jobId={jobId} has={job.hasResult} alt={words.poster(name)} />
      <div className="job-name">
        <h2>
          <Link href={jobPage(jobId)}>{name}</Link>
        </h2>
        <p>
          {presetWord(preset)}
          {photos !== null && ` · ${words.photos(count(photos))}`}
          {` · ${words.started(relative(createdAt, nowMs))}`}
        </p>
      </div>
      <div className="job-state">
        <p>
          <Badge state={state} waitsFor={job.waitsFor} />
          <span>{situation(job, snapshot, nowMs)}</span>
        </p>
        <StageBar state={state} step={step} fraction={live === null ? null : stageFraction(live)} />
      </div>
      <p className="job-cost" title={isFinal(state) ? words.cost : words.spent}>
        {usd(costUsd)}
      </p>
    </li>
  );
});

/** What it does now, or how it ended, beside its state. */
function situation(job: JobListEntry, snapshot: JobSnapshot | undefined, nowMs: number): string {
  const { state, failure, waitsFor, startAt, tookSeconds } = job;
  if (state === 'succeeded' && tookSeconds !== null) return duration(tookSeconds);
  if (failure !== null && (state === 'failed' || state === 'parked')) return failureTitle(failure.code);
  if (waitsFor === 'start' && startAt !== null) return words.startsAt(relative(startAt, nowMs));
  if (state !== 'running' || !isStep(job.stage)) return '';
  const progress = snapshot?.stageProgress;
  const fraction = progress?.stage === job.stage ? stageFraction(progress) : null;
  const step = STEP_TITLE[job.stage];
  const left = snapshot?.timeLeft ?? null;
  return [fraction === null ? step : words.ofStage(step, share(fraction)), left === null ? null : timeLeftWords(left)]
    .filter((each) => each !== null)
    .join(' · ');
}
