import type { Failure, FailureCode } from './failures';
import type { JobState, Step, WaitsFor } from './state';
import type { DeliveryRecord } from '../messages/notifications';
import type { PresetName } from '../stages/presets';
import type { StageMetrics } from '../stages/reports';
import type { Stage } from '../stages/stage';

/** Answer to `POST /start-job`. */
export interface StartedJob {
  readonly jobId: string;
  readonly workflowId: string;
  readonly statusUrl: string;
  readonly pageUrl: string;
  /** The workflow in Temporal's Web UI; null where there is none. */
  readonly workflowUrl: string | null;
}

/** What the running SageMaker job says of itself. */
export interface StageProgress {
  readonly stage: Stage;
  readonly phase: string | null;
  readonly done: number | null;
  readonly total: number | null;
  /** Of the phase, 0 to 1. */
  readonly fraction: number | null;
  readonly metrics: Readonly<Record<string, number | string>>;
  /** SageMaker's word for it. */
  readonly status: string;
  readonly startedAt: string | null;
}

export interface AttemptView {
  readonly stage: Stage;
  readonly attempt: number;
  readonly jobName: string;
  readonly instanceType: string;
  readonly status: 'Running' | 'Completed' | 'Failed' | 'Stopped';
  /** Billed; so far, while it runs. */
  readonly seconds: number;
  readonly costUsd: number;
  readonly failure: { readonly code: FailureCode; readonly message: string } | null;
}

/** Answer to `GET /v1/jobs/:id`: everything but the address of the person who sent the photos. Times are ISO 8601. */
export interface JobView {
  readonly jobId: string;
  readonly workflowId: string;
  readonly state: JobState;
  readonly step: Step | null;
  readonly preset: PresetName;
  /** `s3://…` that the photos came from. */
  readonly input: string;
  readonly stageProgress: StageProgress | null;
  readonly photos: {
    readonly accepted: number;
    readonly rejected: readonly { readonly name: string; readonly reason: string }[];
  } | null;
  readonly attempts: readonly AttemptView[];
  readonly costUsd: number;
  /** Metrics of the stages whose result was accepted. */
  readonly stages: { readonly [S in Stage]?: StageMetrics[S] };
  readonly failure: Failure | null;
  readonly parkedUntil: string | null;
  /** Set while the state is `waiting`; `until` = when the waiting ends by itself. */
  readonly waiting: {
    readonly for: WaitsFor;
    readonly message: string;
    readonly since: string;
    readonly until: string | null;
  } | null;
  /** A pause was asked for: the next stage does not start before `resume`. */
  readonly pauseRequested: boolean;
  readonly budget: { readonly budgetUsd: number | null; readonly maxHours: number | null };
  readonly cancelled: { readonly reason: string; readonly by: string; readonly at: string } | null;
  /** How mails and webhooks went that have been taken, refused or given up; those under way are not here yet. */
  readonly deliveries: readonly DeliveryRecord[];
  /** A message to the job that could not be followed, and why. */
  readonly notice: string | null;
  /** When files were deleted because the time that they are kept for was over; null while all are there. */
  readonly filesDeleted: { readonly intermediates: string | null; readonly results: string | null } | null;
  readonly result: {
    readonly pageUrl: string;
    readonly sogUrl: string | null;
    readonly plyUrl: string | null;
    readonly files: readonly { readonly name: string; readonly bytes: number; readonly url: string }[];
  } | null;
  readonly pageUrl: string;
  readonly workflowUrl: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly endedAt: string | null;
}

/** One line of `GET /v1/jobs`. */
export interface JobListEntry {
  readonly jobId: string;
  readonly workflowId: string;
  readonly state: JobState;
  readonly stage: string | null;
  readonly preset: string | null;
  readonly startedAt: string;
  readonly pageUrl: string;
}
