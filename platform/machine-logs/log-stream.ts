import {
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
  type CloudWatchLogsClient,
} from '@aws-sdk/client-cloudwatch-logs';
import type { MachineJobKind } from '../../contracts/stages/stage';
import { until } from '../s3-objects';

/** Fixed by SageMaker; a stream is `<job>/algo-1-<epoch>`. */
const LOG_GROUP: Readonly<Record<MachineJobKind, string>> = {
  processing: '/aws/sagemaker/ProcessingJobs',
  training: '/aws/sagemaker/TrainingJobs',
};

/** The log of one machine job. */
export interface LogStream {
  readonly kind: MachineJobKind;
  readonly name: string;
}

export interface LogLine {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly text: string;
}

/** Lines that follow each other in a log: 1 MB and 10,000 events at most. */
export interface LogPage {
  readonly lines: readonly LogLine[];
  /** Where the next page begins. */
  readonly token: string;
  /** Whether nothing follows, so far. */
  readonly isLast: boolean;
}

/** Where a page begins: after another, at a time, or so that it is the newest that there is. */
export type PageStart =
  { readonly token: string } | { readonly fromMs: number } | { readonly newest: true; readonly limit?: number };

/** The stream of a machine job; null while its container has not written, and where the log is kept no longer. */
export async function findLogStream(
  logs: CloudWatchLogsClient,
  kind: MachineJobKind,
  jobName: string,
  signal?: AbortSignal,
): Promise<LogStream | null> {
  const answer = await ifThere(
    logs.send(
      new DescribeLogStreamsCommand({ logGroupName: LOG_GROUP[kind], logStreamNamePrefix: `${jobName}/`, limit: 1 }),
      until(signal),
    ),
  );
  const name = answer?.logStreams?.[0]?.logStreamName;
  return name === undefined ? null : { kind, name };
}

/** A page of a log; null where it is kept no longer. An event of several lines is as many lines. */
export async function readLogPage(
  logs: CloudWatchLogsClient,
  { kind, name }: LogStream,
  start: PageStart,
  signal?: AbortSignal,
): Promise<LogPage | null> {
  const nextToken = 'token' in start ? start.token : undefined;
  const answer = await ifThere(
    logs.send(
      new GetLogEventsCommand({
        logGroupName: LOG_GROUP[kind],
        logStreamName: name,
        startFromHead: !('newest' in start),
        startTime: 'fromMs' in start && start.fromMs > 0 ? start.fromMs : undefined,
        limit: 'newest' in start ? start.limit : undefined,
        nextToken,
      }),
      until(signal),
    ),
  );
  if (answer === null) return null;
  const token = answer.nextForwardToken ?? nextToken ?? '';
  const lines = (answer.events ?? []).flatMap(({ timestamp = 0, message = '' }) =>
    message.split(/\r?\n/).map((text) => ({ atMs: timestamp, text })),
  );
  // The end gives the token back that it was asked with.
  return { lines, token, isLast: token === nextToken || token === '' || 'newest' in start };
}

async function ifThere<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return null;
    throw error;
  }
}
