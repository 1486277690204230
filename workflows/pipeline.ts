import {
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  ParentClosePolicy,
  setHandler,
  startChild,
  workflowInfo,
  ApplicationFailure,
} from '@temporalio/workflow';
import type { Failure } from '../contracts/failures';
import { reopenFrom, type JobRecord } from '../contracts/job-record';
import { isFinal, type JobState } from '../contracts/job-state';
import { parseCancel, parseRetry, type CancelRequest, type Parsed, type RetryRequest } from '../contracts/messages';
import type { PipelineInput } from '../contracts/pipeline';
import { PRESET } from '../contracts/presets';
import { ineffectiveOptions, retryStage, unreachedStage } from '../contracts/retry-rules';
import { STAGES } from '../contracts/stages';
import { activityProxies } from './activity-proxies';
import { delivery } from './delivery';
import { Job } from './job';
import { cancelSignal, cancelUpdate, recordQuery, retrySignal, retryUpdate } from './messages';
import { runStage } from './stage';
import { failed, throwIfCancelled, toFailure } from './stage-failure';

/**
 * One job, from photos to a published scene: intake, the three stages, publish, notify.
 *
 * It ends Completed (the scene is published), Failed (with a code of contracts/failures) or Canceled. A failure that
 * a person could mend leaves it open for `request.retryWindowSeconds`, waiting for `retry`.
 */
export async function pipeline(input: PipelineInput): Promise<JobRecord> {
  const { deployment, policy } = input;
  const activities = activityProxies(deployment, policy);
  const pageUrl = `${input.publicUrl}/jobs/${input.record.jobId}`;
  const job = new Job(input.record, activities, pageUrl);
  // Everything that a cancel ends happens in this scope; a cancel from the server reaches it as the root's child.
  const work = new CancellationScope();
  let cancel: CancelRequest | null = null;
  let retry: RetryRequest | null = null;

  const takeCancel = (payload?: unknown): { state: JobState } => {
    if (isFinal(job.record.state)) return { state: job.record.state };
    cancel ??= parseCancel(payload);
    work.cancel();
    return { state: 'cancelling' };
  };
  const takeRetry = (payload?: unknown): { state: JobState } => {
    retry = takeableRetry(payload, job.record);
    return { state: 'running' };
  };
  setHandler(recordQuery, () => job.record);
  setHandler(cancelSignal, (payload) => void takeCancel(payload));
  setHandler(cancelUpdate, takeCancel);
  // A signal has nobody to answer to: one that cannot be followed is shown on the job, and never thrown.
  setHandler(retrySignal, async (payload) => {
    const checked = checkRetry(payload, job.record);
    if (checked.ok) takeRetry(payload);
    else await job.change({ notice: `The signal retry was not followed: ${checked.problems.join('; ')}` });
  });
  setHandler(retryUpdate, takeRetry, { validator: (payload?: unknown) => void takeableRetry(payload, job.record) });

  /** Waits for `retry`; false when nobody sent it in time. */
  async function park(why: Failure): Promise<boolean> {
    retry = null;
    const windowMs = job.record.request.retryWindowSeconds * 1000;
    if (windowMs === 0) return false;
    await job.change({ state: 'parked', failure: why, parkedUntilMs: Date.now() + windowMs });
    await notify(job.record, input, pageUrl);
    if (!(await condition(() => retry !== null, windowMs))) return false;
    const taken = retry as unknown as RetryRequest;
    const { request } = job.record;
    const reopened = reopenFrom(job.record, retryStage(job.record, taken));
    await job.change({ ...reopened, state: 'running', request: { ...request, options: { ...request.options, ...taken.options } } });
    return true;
  }

  async function runJob(): Promise<void> {
    for (;;) {
      try {
        await runOpenSteps();
        return;
      } catch (error) {
        if (isCancellation(error)) throw error;
        const why = toFailure(error);
        if (await park(why)) continue;
        const parkedBefore = job.record.state === 'parked';
        await job.end('failed', { failure: why });
        if (!parkedBefore) await notify(job.record, input, pageUrl);
        throw failed(why);
      }
    }
  }

  async function runOpenSteps(): Promise<void> {
    const { jobId, request, photos } = job.record;
    if (photos === null) {
      await job.enter('running', 'intake');
      const intake = { jobId, location: request.location, minPhotos: policy.minPhotos, maxPhotos: PRESET[request.preset].maxPhotos };
      await job.change({ photos: await activities.photos.intakePhotos.executeWithOptions({ summary: 'List and check the photos' }, [intake]) });
    }
    for (const stage of STAGES) if (job.record.accepted[stage] === undefined) await runStage(stage, { deployment, policy, job, activities });
    throwIfCancelled();
    await job.enter('running', 'publish');
    const result = await activities.artifacts.publishResult.executeWithOptions({ summary: 'Publish the result' }, [job.record]);
    throwIfCancelled();
    await job.end('succeeded', { result });
    await notify(job.record, input, pageUrl);
  }

  try {
    await work.run(runJob);
    await condition(allHandlersFinished);
    return job.record;
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return await endAsCanceled();
  }

  /** A run ends Canceled only after a request to the server: a cancel that came as a signal makes it now. */
  async function endAsCanceled(): Promise<never> {
    const rootScope = CancellationScope.current();
    await CancellationScope.nonCancellable(async () => {
      await job.end('cancelled', { cancelled: cancel ?? { reason: 'cancelled in Temporal' } });
      await notify(job.record, input, pageUrl);
      const { workflowId, runId } = workflowInfo();
      if (!rootScope.consideredCancelled) await activities.runs.requestCancellation({ workflowId, runId });
    });
    return await rootScope.cancelRequested;
  }
}

/** Whether a `retry` can be followed now; the problems are for the person who sent it. */
function checkRetry(payload: unknown, record: JobRecord): Parsed<RetryRequest> {
  if (record.state !== 'parked') return { ok: false, problems: [`the job is ${record.state}, only a parked job can be retried`] };
  const parsed = parseRetry(payload);
  if (!parsed.ok) return parsed;
  const unreached = unreachedStage(record, parsed.value.fromStage);
  const problems = [
    ...(unreached === null ? [] : [unreached]),
    ...ineffectiveOptions(record, parsed.value).map(({ option, why }) => `options.${option} ${why}`),
  ];
  return problems.length === 0 ? parsed : { ok: false, problems };
}

function takeableRetry(payload: unknown, record: JobRecord): RetryRequest {
  const checked = checkRetry(payload, record);
  if (!checked.ok) throw ApplicationFailure.nonRetryable(checked.problems.join('; '), 'RETRY_REJECTED');
  return checked.value;
}

/**
 * Tells the person, in a workflow of its own that goes on after this one: mail can be tried for days and never
 * changes the outcome. Returns once that workflow has started.
 */
async function notify(record: JobRecord, { deployment, policy }: PipelineInput, pageUrl: string): Promise<void> {
  const messageId = `${record.jobId}-${record.state}-${record.updatedAtMs}`;
  await CancellationScope.nonCancellable(() =>
    startChild(delivery, {
      workflowId: `mail-${messageId}`,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `Mail: job ${record.jobId} ${record.state}`,
      args: [{ deployment, policy, record, pageUrl, messageId }],
    }),
  );
}
