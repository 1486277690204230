import { failureTitle } from '../../contracts/job/failures';
import { formatCount, formatTime } from '../../contracts/job/formats';
import type { JobListEntry } from '../../contracts/job/view';
import { inOneLine, stateWord } from '../../contracts/job/words';
import { columns } from './columns';

const HEADING = ['ID', 'NAME', 'STATE', 'STEP', 'PHOTOS', 'PRESET', 'STARTED', 'WHY'];
const MAX_NAME_LENGTH = 32;

/**
 * What `jobs` prints: a heading, and a line a job, the newest first.
 * @param isFiltered whether only some were asked for
 */
export function jobList(jobs: readonly JobListEntry[], isFiltered = false): string {
  if (jobs.length === 0) return isFiltered ? 'No job is like that.' : 'No jobs yet.';
  const rows = jobs.map((job) => [
    job.jobId,
    shortened(inOneLine(job.name)),
    stateWord(job.state, job.waitsFor),
    job.stage === null ? '-' : job.stage,
    job.photos === null ? '-' : formatCount(job.photos),
    job.preset,
    formatTime(job.createdAt),
    why(job),
  ]);
  return columns([HEADING, ...rows]);
}

/** What went wrong, or until when a job waits that is to start later; what others wait for, their state says. */
function why({ failure, waitsFor, startAt }: JobListEntry): string {
  if (failure !== null) return failureTitle(failure.code);
  return waitsFor === 'start' && startAt !== null ? `until ${formatTime(startAt)}` : '';
}

const shortened = (name: string): string =>
  name.length <= MAX_NAME_LENGTH ? name : `${name.slice(0, MAX_NAME_LENGTH - 1)}…`;
