import { allHandlersFinished, CancellationScope, condition, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { Failure } from '../../contracts/job/failures';
import { afterRetry } from '../../contracts/job/commands';
import { estimate } from '../../contracts/estimates/estimate';
import { formatTime } from '../../contracts/job/formats';
import { acceptedParts, type JobRecord, type PhotoSummary } from '../../contracts/job/record';
import { completePolicy } from '../../contracts/job/policy';
import { completeRecord } from '../../contracts/job/stored-record';
import { jobLinks } from '../../contracts/job/view';
import { PRESET } from '../../contracts/stages/presets';
import { STAGES } from '../../contracts/stages/stage';
import type { PipelineInput } from './input';
import { continueInCurrentVersion, CurrentVersion, MovesOn } from '../current-version';
import { activityProxies } from './proxies';
import { AttemptLogs } from './attempt-logs';
import { settleEarlierRun } from './earlier-run';
import { Inbox } from './inbox';
import { Job } from './job';
import { notify } from './notify';
import { runStage } from './stage';
import { errorOf, throwIfCancelled, toFailure } from './stage-failure';

/** Longest single try of publishing: S3 copies files of gigabytes. */
const PUBLISH_TIMEOUT = '30 minutes';

/** What the job will take and cost, now that its photos are known; an estimate that it has stays. */
function expected({ request, calibration, estimate: before }: JobRecord, found: PhotoSummary): Partial<JobRecord> {
  if (before !== undefined || calibration === undefined) return {};
  const { preset, options } = request;
  const photos = { low: found.accepted, high: found.accepted };
  return { estimate: estimate({ photos, megapixels: null, preset, options }, calibration) };
}

/**
 * One job, from photos to a published scene: intake, the three stages, publish, notify.
 *
 * It ends Completed (the scene is published), Failed (with a code of contracts/job/failures) or Canceled. A failure
 * that a person could mend leaves it open for `request.retryWindowSeconds`, waiting for `retry`.
 */
export async function pipeline(input: PipelineInput): Promise<JobRecord> {
  const { deployment } = input;
  const policy = completePolicy(input.policy);
  const activities = activityProxies(deployment, policy, () => job.record.request.priority);
  const pageUrl = jobLinks(input).page(input.record.jobId);
  const job: Job = new Job(completeRecord(input.record), activities, pageUrl);
  // Everything that a cancel ends happens in this scope; a cancel from the server reaches it as the root's child.
  const logs = new AttemptLogs(activities, policy);
  const work = new CancellationScope();
  const version = new CurrentVersion();
  const inbox = new Inbox(job, () => work.cancel(), version);
  const tell = (): Promise<void> => notify(job.record, { ...input, policy }, pageUrl);

  /** Waits for `retry`; false when nobody sent it in time. */
  async function park(why: Failure): Promise<boolean> {
    const windowMs = job.record.request.retryWindowSeconds * 1000;
    // A person who was asked has already had the retry window to answer in.
    if (windowMs === 0 || job.record.waiting?.for === 'decision') return false;
    await job.change({ state: 'parked', failure: why, parkedUntilMs: Date.now() + windowMs });
    await tell();
    return isRetried(windowMs);
  }

  /** Waits for `retry` of a job that is parked; false when nobody sent it in time. */
  async function isRetried(withinMs: number): Promise<boolean> {
    const retry = await inbox.takeRetry(withinMs);
    if (retry === null) return false;
    await job.change(afterRetry(job.record, retry, Date.now()));
    version.moveOn();
    return true;
  }

  /** Waits on for `retry` where the run before was parked when it moved. */
  async function stayParked(): Promise<void> {
    const { state, failure: why, parkedUntilMs } = job.record;
    if (state !== 'parked' || why === null || parkedUntilMs === null) return;
    // Else the record would be older than this run, as after a reset.
    await job.change({});
    if (await isRetried(Math.max(1, parkedUntilMs - Date.now()))) return;
    await job.end('failed', { failure: why });
    throw errorOf(why);
  }

  async function runJob(): Promise<void> {
    await stayParked();
    for (;;) {
      try {
        await runOpenSteps();
        return;
      } catch (error) {
        if (isCancellation(error) || error instanceof MovesOn) throw error;
        // An activity that a cancel did not reach, as its worker is dead, ends with a timeout: the cancel comes first.
        throwIfCancelled();
        const why = toFailure(error);
        if (await park(why)) continue;
        const parkedBefore = job.record.state === 'parked';
        await job.end('failed', { failure: why });
        if (!parkedBefore) await tell();
        throw errorOf(why);
      }
    }
  }

  /** Waits for the time that the job is to begin at, which may be changed meanwhile. Nothing is rented before. */
  async function startInTime(): Promise<void> {
    for (;;) {
      const { startAtMs } = job.record.request;
      if (startAtMs === null || startAtMs <= Date.now()) return;
      const message = `starts at ${formatTime(startAtMs)}`;
      await job.change({
        state: 'waiting',
        waiting: { for: 'start', message, sinceMs: Date.now(), untilMs: startAtMs },
      });
      const isOver = (): boolean => job.record.request.startAtMs !== startAtMs || version.isAnother;
      await condition(isOver, Math.max(1, startAtMs - Date.now()));
      version.moveOn();
    }
  }

  async function runOpenSteps(): Promise<void> {
    await startInTime();
    await settleEarlierRun({ job, activities, policy, logs });
    throwIfCancelled();
    const { jobId, request, photos } = job.record;
    if (photos === null) {
      // The photos are looked at while the record is saved: nothing of it depends on that.
      const entering = job.change({ state: 'running', step: 'intake' });
      const intake = {
        tenant: request.tenant,
        jobId,
        location: request.location,
        minPhotos: policy.minPhotos,
        maxPhotos: PRESET[request.preset].maxPhotos,
      };
      const { intakePhotos } = activities.photos;
      const found = await intakePhotos.executeWithOptions({ summary: 'List and check the photos' }, [intake]);
      await entering;
      job.note({ photos: found, ...expected(job.record, found) });
    }
    for (const stage of STAGES) {
      if (acceptedParts(job.record, stage) !== null) continue;
      await inbox.passBorder(stage);
      await runStage(stage, { deployment, policy, job, activities, logs, inbox, tell });
    }
    throwIfCancelled();
    await job.change({ state: 'running', step: 'publish' });
    const publishing = {
      summary: 'Publish the result',
      startToCloseTimeout: PUBLISH_TIMEOUT,
      heartbeatTimeout: policy.heartbeatTimeoutMs,
    };
    const result = await activities.artifacts.publishResult.executeWithOptions(publishing, [job.record]);
    throwIfCancelled();
    await job.end('succeeded', { result });
    await tell();
  }

  try {
    await work.run(runJob);
    await condition(allHandlersFinished);
    await close();
    return job.record;
  } catch (error) {
    if (isCancellation(error)) return await endAsCanceled();
    await close();
    if (!(error instanceof MovesOn)) throw error;
    // A cancel may have come since.
    if (job.record.cancelled !== null || CancellationScope.current().consideredCancelled) return await endAsCanceled();
    return await continueInCurrentVersion<typeof pipeline>({ ...input, record: job.record });
  }

  /** Waits for what would end with the run. The job has ended before: a cancel comes too late now. */
  async function close(): Promise<void> {
    await logs.settled();
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }

  /** A run ends Canceled only after a request to the server: a cancel that came as a signal makes it now. */
  async function endAsCanceled(): Promise<never> {
    const rootScope = CancellationScope.current();
    await CancellationScope.nonCancellable(async () => {
      if (job.record.cancelled === null)
        job.note({ cancelled: { reason: 'cancelled in Temporal', by: 'Temporal', atMs: Date.now() } });
      await job.end('cancelled', { failure: null });
      await tell();
      await logs.settled();
      await condition(allHandlersFinished);
      const { workflowId, runId } = workflowInfo();
      if (!rootScope.consideredCancelled) await activities.runs.requestCancellation({ workflowId, runId });
    });
    return await rootScope.cancelRequested;
  }
}
