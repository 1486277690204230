/**
 * What the audit judges: facts about a run, gathered from outside. This folder imports nothing of the product; what it
 * knows of its formats it has from docs/ and says here again.
 */

/** A job that was started, and what was done to it. */
export interface StartedJob {
  readonly jobId: string;
  /** Codes that what was planned for it can end it with. */
  readonly mayFailWith: readonly string[];
  readonly hasWebhook: boolean;
  readonly deeds: readonly Deed[];
}

/** A line of deeds.jsonl: something that was done to a job from outside, and what the product answered. */
export interface Deed {
  readonly jobId: string;
  readonly what: 'start' | 'cancel' | 'terminate' | 'retry' | 'accept' | 'pause' | 'resume';
  readonly way: 'api' | 'signal' | 'server';
  readonly atMs: number;
  /** HTTP status; null for what went to Temporal directly and was taken. */
  readonly status: number | null;
  /** The state that the API said the job would be in. */
  readonly state: string | null;
  /** Why it was refused, or what else was said. */
  readonly note: string | null;
  /** Of a retry; null where it named none. */
  readonly fromStage?: string | null;
}

/** `jobs/<id>/job.json`, as far as it is judged. */
export interface StoredRecord {
  readonly state: string;
  readonly endedAtMs: number | null;
  readonly request: { readonly retryWindowSeconds: number; readonly maxHours: number | null } | null;
  readonly photos: object | null;
  readonly attempts: readonly LedgerLine[];
  readonly accepted: readonly { readonly stage: string; readonly jobName: string }[];
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly waiting: object | null;
  readonly gates: readonly { readonly verdict: string }[];
  readonly parkedUntilMs: number | null;
  readonly cancelled: { readonly reason: string; readonly by: string; readonly atMs: number } | null;
  readonly result: { readonly files: readonly { readonly name: string; readonly bytes: number }[] } | null;
}

export interface LedgerLine {
  readonly stage: string;
  readonly attempt: number;
  readonly jobName: string;
  readonly instanceType: string;
  readonly status: string;
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly billedSeconds: number;
  readonly costUsd: number;
  readonly options: object;
}

/** One run of a workflow of Temporal. */
export interface WorkflowRun {
  readonly workflowId: string;
  readonly runId: string;
  /** Running, Completed, Failed, Canceled, Terminated, TimedOut or ContinuedAsNew. */
  readonly status: string;
  readonly startedAtMs: number;
  /** Values of the search attribute JobState, in order. */
  readonly states: readonly string[];
  /** Tries of the longest-tried activity. */
  readonly mostTries: number;
}

/** A job of SageMaker. */
export interface Machine {
  readonly name: string;
  readonly status: string;
  readonly instanceType: string;
  readonly failureReason: string;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly billedSeconds: number;
}

/** A mail in the sink. */
export interface Mail {
  readonly file: string;
  /** Without the angle brackets. */
  readonly messageId: string;
  readonly to: string;
}

/** A line of webhooks.jsonl: a call that has come in whole. */
export interface WebhookCall {
  readonly jobId: string;
  readonly eventId: string;
  readonly type: string;
  /** Whether it was answered with 2xx. */
  readonly isTaken: boolean;
  /** Whether its signature is right and of now. */
  readonly isGenuine: boolean;
  /** SHA-256 of the body. */
  readonly digest: string;
}

/** A line that a container program wrote, or that it started a process. */
export interface Stamp {
  readonly what: 'start' | 'end';
  readonly jobName: string;
  readonly pid: number;
  readonly startTick: string;
  readonly child?: { readonly pid: number; readonly startTick: string } | null;
  readonly how?: string;
  readonly atMs: number;
}

/** A line of faults-fired.jsonl of either endpoint. */
export interface FiredFault {
  readonly kind: string;
  readonly jobName?: string;
  readonly key?: string;
}

/** Something that should not be there any more. */
export interface Leftover {
  readonly jobId: string | null;
  readonly what: string;
}

export interface Evidence {
  readonly jobs: readonly StartedJob[];
  readonly records: ReadonlyMap<string, StoredRecord>;
  /** Contents of the published scenes, by job id. */
  readonly scenes: ReadonlyMap<string, string>;
  /** All runs of all workflows but upkeep. */
  readonly runs: readonly WorkflowRun[];
  readonly machines: readonly Machine[];
  readonly mails: readonly Mail[];
  readonly webhooks: readonly WebhookCall[];
  readonly stamps: readonly Stamp[];
  readonly fired: readonly FiredFault[];
  readonly leftovers: readonly Leftover[];
}

/** What is wrong, under the count that it adds to. */
export interface Finding {
  readonly count: 'lost' | 'doublePaid' | 'leftRunning' | 'disagreements' | 'seenByOthers';
  readonly jobId: string | null;
  readonly what: string;
}

export const finding = (count: Finding['count'], jobId: string | null, what: string): Finding => ({
  count,
  jobId,
  what,
});
export const disagreement = (jobId: string | null, what: string): Finding => finding('disagreements', jobId, what);

/** `<deployment>-<jobId>-<stage>-a<NN>` (docs/architecture.md). */
export const jobIdOfMachine = (name: string): string | null =>
  /^[a-z][a-z0-9]*-([a-z0-9]+)-[a-z]+-a\d{2,}$/.exec(name)?.[1] ?? null;
