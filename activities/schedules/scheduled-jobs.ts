import { createHash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { cancellationSignal } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { newJobRecord, type JobRecord } from '../../contracts/job/record';
import { workflowId } from '../../contracts/machines/names';
import type { ScheduledJobInput, ScheduledOutcome } from '../../contracts/schedules/definition';
import type { S3Location } from '../../contracts/storage/location';
import type { Config } from '../../platform/config';
import { jobIdOfSchedule } from '../../platform/job-id';
import { describeRun, startRun } from '../../platform/job-run';
import type { RecordStore } from '../../platform/record-store';
import { listObjects } from '../../platform/s3-objects';
import type { NoteDeed } from '../deeds';

export interface ScheduledJobDeps {
  readonly s3: S3Client;
  readonly records: Pick<RecordStore, 'claim' | 'read'>;
  readonly client: Client;
  readonly note: NoteDeed;
  readonly config: Pick<Config, 'deployment' | 'policy' | 'publicUrl'>;
}

/** One time of a schedule that has come. */
export interface ScheduledStart extends ScheduledJobInput {
  readonly scheduledAtMs: number;
  /** How the time before went; null for the first. */
  readonly before: ScheduledOutcome | null;
}

export interface ScheduledJobActivities {
  /**
   * Claims the record of the job of that time and starts its workflow, as a start request does: a repeat finds the job
   * that is there. Starts none where the schedule says so.
   */
  startScheduled(start: ScheduledStart): Promise<ScheduledOutcome>;
}

export function createScheduledJobActivities({
  s3,
  records,
  client,
  note,
  config,
}: ScheduledJobDeps): ScheduledJobActivities {
  const { deployment, policy, publicUrl } = config;
  const begin = async (record: JobRecord): Promise<boolean> =>
    (await startRun(client, 'first', { deployment, policy, publicUrl, record })) !== null;

  return {
    async startScheduled({ scheduleId, scheduledAtMs, definition, before }) {
      const { request, calibration, overlap, onlyWhenChanged, setBy } = definition;
      const jobId = jobIdOfSchedule(scheduleId, scheduledAtMs);
      const skipped = (did: ScheduledOutcome['did']): ScheduledOutcome => ({
        did,
        jobId: before?.jobId ?? null,
        photosDigest: before?.photosDigest ?? null,
      });
      const signal = cancellationSignal();
      const earlier = await records.read(jobId, signal);
      if (earlier === null && overlap === 'skip' && typeof before?.jobId === 'string') {
        const run = await describeRun(client, workflowId(before.jobId));
        if (run?.status === 'RUNNING') return skipped('skipped: the job before has not ended');
      }
      const photosDigest = onlyWhenChanged ? await digestOf(s3, request.location, signal) : null;
      if (earlier === null && photosDigest !== null && photosDigest === before?.photosDigest)
        return skipped('skipped: the photos are the same');
      const record = earlier?.record ?? {
        ...newJobRecord(jobId, request, Date.now()),
        ...(calibration !== undefined && { calibration }),
      };
      // Else an earlier try has claimed it in this moment: the next one finds its record.
      if (earlier === null && !(await records.claim(record, signal))) throw new Error(`${jobId} was claimed meanwhile`);
      if (record.state === 'queued') {
        await begin(record);
        const by = { kind: 'schedule', keyId: setBy?.keyId ?? null, of: scheduleId } as const;
        await note(jobId, { operation: 'createJob', by, atMs: record.createdAtMs });
      }
      return { did: 'started', jobId, photosDigest };
    },
  };
}

/** Equal while a folder holds the same files with the same contents; S3 lists them in order. */
async function digestOf(s3: S3Client, location: S3Location, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const { key, bytes, etag } of listObjects(s3, location, signal))
    hash.update(JSON.stringify([key, bytes, etag]));
  return hash.digest('base64url');
}
