import { failureTitle } from '../../contracts/job/failures';
import { formatCount, formatTime } from '../../contracts/job/formats';
import type { JobListEntry } from '../../contracts/job/view';
import { inOneLine, STATE_WORD } from '../../contracts/job/words';
import { columns } from './columns';

const HEADING = ['ID', 'NAME', 'STATE', 'STEP', 'PHOTOS', 'PRESET', 'STARTED', 'WHY'];
const MAX_NAME_LENGTH = 32;

/**
 * What `jobs` prints: a heading, and a line a job, the newest first.
 * @param isFiltered whether only some were asked for
 */
export function jobList(jobs: readonly JobListEntry[], isFiltered = false): string {
  if (jobs.length === 0) return isFiltered ? 'No job is like that.' : 'No jobs yet.';
  const rows = jobs.map(({ jobId, name, state, stage, photos, preset, createdAt, failure }) => [
    jobId,
    shortened(inOneLine(name)),
    STATE_WORD[state],
    stage === null ? '-' : stage,
    photos === null ? '-' : formatCount(photos),
    preset,
    formatTime(createdAt),
    failure === null ? '' : failureTitle(failure.code),
  ]);
  return columns([HEADING, ...rows]);
}

const shortened = (name: string): string =>
  name.length <= MAX_NAME_LENGTH ? name : `${name.slice(0, MAX_NAME_LENGTH - 1)}…`;
