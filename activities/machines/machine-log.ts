import {
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
  type CloudWatchLogsClient,
} from '@aws-sdk/client-cloudwatch-logs';
import type { MachineJobKind } from '../../contracts/stages/stage';
import { parseProgressLine, type Progress } from '../../contracts/stages/progress';

/** Fixed by SageMaker; a stream is `<job>/algo-1-<epoch>`. */
const LOG_GROUP: Readonly<Record<MachineJobKind, string>> = {
  processing: '/aws/sagemaker/ProcessingJobs',
  training: '/aws/sagemaker/TrainingJobs',
};

/** Pages read in one go, so that a chatty container cannot hold up a heartbeat. */
const MAX_PAGES = 10;

/** Where the log of a job was read up to. */
export interface LogPosition {
  readonly stream: string | null;
  readonly token: string | null;
}

/** Reads what a job has logged since `position`: the newest progress line and the position to continue from. */
export async function readProgress(
  logs: CloudWatchLogsClient,
  kind: MachineJobKind,
  jobName: string,
  position: LogPosition,
  signal: AbortSignal,
): Promise<{ progress: Progress | null; position: LogPosition }> {
  const stream = position.stream ?? (await findStream(logs, kind, jobName, signal));
  if (stream === null) return { progress: null, position };
  let progress: Progress | null = null;
  let token = position.token;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await logs.send(
      new GetLogEventsCommand({
        logGroupName: LOG_GROUP[kind],
        logStreamName: stream,
        startFromHead: true,
        nextToken: token ?? undefined,
      }),
      { abortSignal: signal },
    );
    for (const event of answer.events ?? []) progress = parseProgressLine(event.message ?? '') ?? progress;
    const next = answer.nextForwardToken ?? null;
    if (next === null || next === token) break; // the same token again: nothing new
    token = next;
  }
  return { progress, position: { stream, token } };
}

/** Group and stream are absent until the container first writes. */
async function findStream(
  logs: CloudWatchLogsClient,
  kind: MachineJobKind,
  jobName: string,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const answer = await logs.send(
      new DescribeLogStreamsCommand({ logGroupName: LOG_GROUP[kind], logStreamNamePrefix: `${jobName}/`, limit: 1 }),
      { abortSignal: signal },
    );
    return answer.logStreams?.[0]?.logStreamName ?? null;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return null;
    throw error;
  }
}
