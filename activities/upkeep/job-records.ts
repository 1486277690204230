import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { activityInfo, cancellationSignal, heartbeat, log } from '@temporalio/activity';
import { JOB_ID_PATTERN, parseComputeJobName } from '../../contracts/machines/names';
import type { JobRecord } from '../../contracts/job/record';
import { layout } from '../../contracts/storage/layout';
import { completeRecord } from '../../contracts/job/stored-record';
import { isNotThere } from '../s3-objects';

export interface RecordDeps {
  readonly s3: S3Client;
  readonly bucket: string;
}

/** A record as it was read, with what tells whether it has changed since. */
export interface StoredRecord {
  readonly record: JobRecord;
  readonly etag: string;
}

/** The record of a job; null when there is none. */
export async function readRecord(
  { s3, bucket }: RecordDeps,
  jobId: string,
  abortSignal: AbortSignal,
): Promise<StoredRecord | null> {
  try {
    const { Body, ETag } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: layout.record(jobId) }), {
      abortSignal,
    });
    if (Body === undefined || ETag === undefined) return null;
    const stored = JSON.parse(await Body.transformToString()) as JobRecord;
    return stored.jobId === jobId ? { record: completeRecord(stored), etag: ETag } : null;
  } catch (error) {
    if (isNotThere(error)) return null;
    throw error;
  }
}

const CHANGED = new Set(['PreconditionFailed', 'ConditionalRequestConflict']);

/** Writes `next` over the record that was read; null, and nothing is written, when someone else has written since. */
export async function replaceRecord(
  { s3, bucket }: RecordDeps,
  read: StoredRecord,
  next: JobRecord,
  abortSignal: AbortSignal,
): Promise<StoredRecord | null> {
  try {
    const { ETag = '' } = await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: layout.record(read.record.jobId),
        Body: JSON.stringify(next, null, 1),
        ContentType: 'application/json',
        IfMatch: read.etag,
      }),
      { abortSignal },
    );
    return { record: next, etag: ETag };
  } catch (error) {
    if (isNotThere(error) || (error instanceof Error && CHANGED.has(error.name))) return null;
    throw error;
  }
}

/** Whether a record is this deployment's: a bucket may hold another one's too, which its machines' names tell. */
export const isOfDeployment = (record: JobRecord, deployment: string): boolean =>
  record.attempts.every(({ jobName }) => parseComputeJobName(jobName)?.deployment === deployment);

/** What a walk over all records came to; it is also its heartbeat, from which a later try goes on. */
export interface RecordWalk {
  readonly examined: number;
  /** Jobs that something was done for, and the ids of the first `MAX_NAMED` of them. */
  readonly changed: number;
  readonly jobIds: readonly string[];
  /** Records that could not be judged: they are logged, left alone, and looked at again in the next walk. */
  readonly leftAlone: number;
  readonly lastJobId: string | null;
}

const MAX_NAMED = 100;
/** Records that are read and judged at once. */
const AT_ONCE = 8;

/** A walk that has not begun. */
export const NEW_WALK: RecordWalk = { examined: 0, changed: 0, jobIds: [], leftAlone: 0, lastJobId: null };

/** How far an earlier try of this activity came. */
const earlierWalk = (): RecordWalk => (activityInfo().heartbeatDetails as RecordWalk | undefined) ?? NEW_WALK;

/**
 * Shows every job's record to `visit`, in the order of ids, and counts for how many it did something. A later try of
 * the activity goes on where the earlier one was, unless it is told otherwise.
 */
export async function walkRecords(
  deps: RecordDeps,
  visit: (stored: StoredRecord) => Promise<boolean>,
  from = earlierWalk(),
): Promise<RecordWalk> {
  const abortSignal = cancellationSignal();
  let walk = from;

  const examine = async (jobId: string): Promise<boolean | null> => {
    try {
      const stored = await readRecord(deps, jobId, abortSignal);
      return stored !== null && (await visit(stored));
    } catch (error) {
      if (abortSignal.aborted) throw error;
      log.warn('a job was left alone, since it could not be judged', { jobId, error });
      return null;
    }
  };

  for await (const jobIds of jobIdGroups(deps, walk.lastJobId, abortSignal)) {
    const outcomes = await Promise.all(jobIds.map(examine));
    const changed = jobIds.filter((_, index) => outcomes[index]);
    walk = {
      examined: walk.examined + jobIds.length,
      changed: walk.changed + changed.length,
      jobIds: [...walk.jobIds, ...changed].slice(0, MAX_NAMED),
      leftAlone: walk.leftAlone + outcomes.filter((outcome) => outcome === null).length,
      lastJobId: jobIds.at(-1) ?? walk.lastJobId,
    };
    heartbeat(walk);
  }
  return walk;
}

/** Ids of all jobs after `lastJobId` in groups of `AT_ONCE`, a page of the listing at a time. */
async function* jobIdGroups(
  { s3, bucket }: RecordDeps,
  lastJobId: string | null,
  abortSignal: AbortSignal,
): AsyncGenerator<string[]> {
  let token: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: layout.jobsPrefix,
        Delimiter: '/',
        ContinuationToken: token,
        // `0` follows `/`: the first name behind everything in that job's folder.
        StartAfter: lastJobId === null ? undefined : `${layout.jobsPrefix}${lastJobId}0`,
      }),
      { abortSignal },
    );
    const jobIds = (page.CommonPrefixes ?? [])
      .map(({ Prefix = '' }) => Prefix.slice(layout.jobsPrefix.length, -1))
      .filter((jobId) => JOB_ID_PATTERN.test(jobId));
    for (let start = 0; start < jobIds.length; start += AT_ONCE) yield jobIds.slice(start, start + AT_ONCE);
    token = page.NextContinuationToken;
  } while (token !== undefined);
}
