import type { Readable } from 'node:stream';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Attempt } from '../../contracts/job/record';
import { STAGE } from '../../contracts/stages/stages';
import { layout } from '../../contracts/storage/layout';
import {
  findLogStream,
  readLogPage,
  type LogPage,
  type LogStream,
  type PageStart,
} from '../../platform/machine-logs/log-stream';
import { isNotThere } from '../../platform/s3-objects';

/** A line of a job's ledger, as far as it says where its log is. */
export type LoggedAttempt = Pick<Attempt, 'stage' | 'part' | 'attempt' | 'jobName'>;

/** Logs of attempts: at CloudWatch while they are written and for a time after, then as `log.txt`. */
export interface LogStore {
  /** The log at CloudWatch; null before its first line, and where it is kept no longer. */
  find(attempt: LoggedAttempt): Promise<LogStream | null>;
  /** A page of it; null where it is kept no longer. */
  page(stream: LogStream, start: PageStart): Promise<LogPage | null>;
  /** The stored log, as UTF-8; null where none is stored. */
  stored(jobId: string, attempt: LoggedAttempt): Promise<Readable | null>;
}

export function createLogStore({
  logs,
  s3,
  bucket,
}: {
  readonly logs: CloudWatchLogsClient;
  readonly s3: S3Client;
  readonly bucket: string;
}): LogStore {
  return {
    find: ({ stage, jobName }) => findLogStream(logs, STAGE[stage].kind, jobName),
    page: (stream, start) => readLogPage(logs, stream, start),
    async stored(jobId, { stage, attempt, part }) {
      try {
        const Key = layout.attemptLog(jobId, stage, attempt, part);
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
        return (Body as Readable | undefined) ?? null;
      } catch (error) {
        if (isNotThere(error)) return null;
        throw error;
      }
    },
  };
}
