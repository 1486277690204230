import type { SetBy } from '../access/audit-schema';
import type { Calibration } from '../estimates/estimate-schema';
import type { JobRequest } from '../job/record';

/** What becomes of a time at which the job that was started before has not ended. */
export const OVERLAPS = ['skip', 'allow'] as const;
export type Overlap = (typeof OVERLAPS)[number];

/** What a schedule starts, and when. */
export interface ScheduleDefinition {
  /** What people call it; null = as its jobs. */
  readonly name: string | null;
  /** Five fields, in `timeZone`; null where it is an interval. */
  readonly cron: string | null;
  /** Of the tz database. */
  readonly timeZone: string;
  /** Null where it is a cron expression. */
  readonly everySeconds: number | null;
  readonly overlap: Overlap;
  /** A time is passed over where the photos are those of the job that was started before. */
  readonly onlyWhenChanged: boolean;
  readonly request: JobRequest;
  /** Who has written this; missing in earlier ones. */
  readonly setBy?: SetBy;
  /** How the deployment's machines compared with the model of estimates when this was written; missing in earlier ones. */
  readonly calibration?: Calibration;
}

/** Input of the workflow `scheduledJob`. */
export interface ScheduledJobInput {
  readonly deployment: string;
  readonly tenant: string;
  readonly scheduleId: string;
  readonly definition: ScheduleDefinition;
}

/** How one time of a schedule went; the next one is told of it. */
export interface ScheduledOutcome {
  readonly did: 'started' | 'skipped: the job before has not ended' | 'skipped: the photos are the same';
  /** The job that was started at this time, or the last one before; null = none yet. */
  readonly jobId: string | null;
  /** Of the photos that it was started for; null where nobody asks. */
  readonly photosDigest: string | null;
}
