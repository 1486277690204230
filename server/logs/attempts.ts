import type { JobRecord } from '../../contracts/job/record';
import { isFinal } from '../../contracts/job/state';
import type { Stage } from '../../contracts/stages/stage';
import { STAGE } from '../../contracts/stages/stages';
import { formatTime } from '../../contracts/job/formats';
import { Problem } from '../http/problem';
import type { LoggedAttempt } from './log-store';

/** Which log is asked for: where something is left out, the newest that fits. */
export interface LogQuery {
  readonly stage?: Stage | undefined;
  readonly attempt?: number | undefined;
  readonly part?: number | undefined;
}

export interface ChosenAttempt extends LoggedAttempt {
  /** Its program runs no more. */
  readonly hasEnded: boolean;
  /** Milliseconds since 1970; null where nobody knows. */
  readonly endedAtMs: number | null;
}

/** The attempt whose log is asked for. Throws LOG_NOT_FOUND with the reason where there is none. */
export function chosenAttempt(record: JobRecord, { stage, attempt, part }: LogQuery): ChosenAttempt {
  const { jobId, attempts } = record;
  const found = attempts.findLast(
    (line) =>
      (stage === undefined || line.stage === stage) &&
      (attempt === undefined || line.attempt === attempt) &&
      (part === undefined || line.part === part),
  );
  if (found === undefined) {
    const asked = [
      stage === undefined ? null : STAGE[stage].title,
      part === undefined ? null : `part ${part}`,
      attempt === undefined ? null : `attempt ${attempt}`,
    ].filter((word) => word !== null);
    const why =
      attempts.length === 0 ? 'no program of it has run yet' : `its "attempts" do not name ${asked.join(', ')}`;
    throw new Problem('LOG_NOT_FOUND', `job ${jobId} has no such log: ${why}`);
  }
  const { status, endedAtMs, jobName } = found;
  return {
    stage: found.stage,
    part: found.part,
    attempt: found.attempt,
    jobName,
    hasEnded: status !== 'Running' || isFinal(record.state),
    endedAtMs,
  };
}

/** CloudWatch may need so long for the last lines of a program: until then nobody knows that there are no more. */
const LATE_LINES_MS = 15_000;

/** Whether no line can come any more. */
export const isSettled = ({ hasEnded, endedAtMs }: ChosenAttempt, nowMs: number): boolean =>
  hasEnded && nowMs - (endedAtMs ?? 0) > LATE_LINES_MS;

/** Throws LOG_NOT_FOUND where the log of an ended attempt, which is nowhere, has been deleted. */
export function refuseDeleted({ jobId, expiredAtMs }: JobRecord): void {
  if (expiredAtMs.intermediates === null) return;
  const when = formatTime(expiredAtMs.intermediates);
  throw new Problem(
    'LOG_NOT_FOUND',
    `the logs of job ${jobId} were deleted at ${when}, as the time was over that they are kept for`,
  );
}
