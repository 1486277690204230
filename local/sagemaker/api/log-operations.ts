import { ApiError } from '../api-error';
import { checkShape } from './constraints';
import { JOB_KINDS, JOB_NOUNS, LOCAL_ACCOUNT_ID, type JobKind } from '../jobs/job-kind';
import type { Job, JobRegistry } from '../jobs/job-registry';
import { offsetOfTime, readBackward, readForward, type LogPage, type PageLimits } from '../logs/log-reader';
import { DESCRIBE_LOG_STREAMS, GET_LOG_EVENTS } from './request-shapes';

interface WrittenStream {
  name: string;
  /** When its container started. */
  startedAtMs: number;
  /** The file with its events. */
  log: string;
}

type LogStream = Record<string, unknown> & { logStreamName: string; lastEventTimestamp: number };

/** A page of GetLogEvents is at most 1 MB and 10,000 events. */
const MAX_PAGE: PageLimits = { maxEvents: 10_000, maxBytes: 1024 * 1024 };
const MAX_STREAMS = 50;

/**
 * The part of CloudWatch Logs that reads the logs of jobs. A group exists once a container of its kind has written, a
 * stream (`<job>/algo-1-<epoch>`) once the container of its job has; until then: ResourceNotFoundException.
 */
export class LogOperations {
  private readonly existingGroups = new Set<JobKind>();

  constructor(
    private readonly registry: JobRegistry,
    private readonly region: string,
  ) {}

  async describeLogStreams(body: unknown): Promise<object> {
    const request = checkShape(DESCRIBE_LOG_STREAMS, body);
    const { logGroupName, logStreamNamePrefix = '', orderBy, descending, limit, nextToken } = request;
    if (orderBy === 'LastEventTime' && logStreamNamePrefix !== '') {
      throw new ApiError('InvalidParameterException', 'Cannot order by LastEventTime with a logStreamNamePrefix.');
    }
    const kind = await this.existingGroup(logGroupName);
    const jobs = logStreamNamePrefix.includes('/')
      ? await this.jobOfStream(kind, logStreamNamePrefix)
      : await this.registry.list(kind);
    const written = (await writtenStreams(jobs)).filter(({ name }) => name.startsWith(logStreamNamePrefix));
    const streams = await Promise.all(written.map((stream) => this.describeStream(stream, logGroupName)));
    streams.sort((left, right) => {
      if (orderBy === 'LastEventTime') return left.lastEventTimestamp - right.lastEventTimestamp;
      return left.logStreamName < right.logStreamName ? -1 : 1;
    });
    if (descending) streams.reverse();
    const start =
      nextToken === undefined ? 0 : streams.findIndex(({ logStreamName }) => logStreamName === nextToken) + 1;
    const page = streams.slice(start, start + (limit ?? MAX_STREAMS));
    return {
      logStreams: page,
      nextToken: start + page.length < streams.length ? page.at(-1)?.logStreamName : undefined,
    };
  }

  async getLogEvents(body: unknown): Promise<object> {
    const request = checkShape(GET_LOG_EVENTS, body);
    const kind = await this.existingGroup(request.logGroupName);
    const [stream] = await writtenStreams(await this.jobOfStream(kind, request.logStreamName));
    if (stream?.name !== request.logStreamName)
      throw new ApiError('ResourceNotFoundException', 'The specified log stream does not exist.');
    const page = await readPage(stream.log, request);
    return {
      events: page.events
        .filter(({ timestamp }) => timestamp >= (request.startTime ?? 0) && timestamp < (request.endTime ?? Infinity))
        .map((event) => ({ ...event, ingestionTime: event.timestamp })),
      nextForwardToken: `f/${page.to}`,
      nextBackwardToken: `b/${page.from}`,
    };
  }

  /** The kind whose log group this is. A group exists from the first line of its first job on. */
  private async existingGroup(logGroupName: string): Promise<JobKind> {
    const kind = JOB_KINDS.find((candidate) => logGroupName === `/aws/sagemaker/${JOB_NOUNS[candidate]}s`);
    if (kind && this.existingGroups.has(kind)) return kind;
    if (!kind || (await writtenStreams(await this.registry.list(kind))).length === 0)
      throw new ApiError('ResourceNotFoundException', 'The specified log group does not exist.');
    this.existingGroups.add(kind);
    return kind;
  }

  /** The job whose name is before the slash, without a look at all jobs: many watchers ask for one stream each. */
  private async jobOfStream(kind: JobKind, name: string): Promise<Job[]> {
    const job = await this.registry.current(kind, name.slice(0, name.indexOf('/')));
    return job ? [job] : [];
  }

  private async describeStream({ name, startedAtMs, log }: WrittenStream, group: string): Promise<LogStream> {
    const [head, tail] = await Promise.all([
      readForward(log, 0, { ...MAX_PAGE, maxEvents: 1 }),
      readBackward(log, Infinity, { ...MAX_PAGE, maxEvents: 1 }),
    ]);
    const lastEventTimestamp = tail.events[0]?.timestamp ?? startedAtMs;
    return {
      logStreamName: name,
      arn: `arn:aws:logs:${this.region}:${LOCAL_ACCOUNT_ID}:log-group:${group}:log-stream:${name}`,
      creationTime: startedAtMs,
      firstEventTimestamp: head.events[0]?.timestamp ?? startedAtMs,
      lastEventTimestamp,
      lastIngestionTime: lastEventTimestamp,
      storedBytes: 0, // "always 0 since June 2019", API reference
    };
  }
}

async function readPage(
  log: string,
  { nextToken, startFromHead, startTime = 0, limit }: ReturnType<typeof GET_LOG_EVENTS>,
): Promise<LogPage> {
  const limits = { ...MAX_PAGE, maxEvents: limit ?? MAX_PAGE.maxEvents };
  if (nextToken === undefined) {
    if (!startFromHead) return readBackward(log, Infinity, limits);
    return readForward(log, await offsetOfTime(log, startTime), limits);
  }
  const match = /^([fb])\/(\d{1,15})$/.exec(nextToken);
  if (!match) throw new ApiError('InvalidParameterException', 'The specified nextToken is invalid.');
  return match[1] === 'f' ? readForward(log, Number(match[2]), limits) : readBackward(log, Number(match[2]), limits);
}

/** The streams of the jobs whose containers have written. */
async function writtenStreams(jobs: readonly Job[]): Promise<WrittenStream[]> {
  const streams = await Promise.all(
    jobs.map(async ({ record, state: { containerStartedAtMs: startedAtMs }, folder }) =>
      startedAtMs !== undefined && (await folder.logSize()) > 0
        ? { name: `${record.name}/algo-1-${Math.floor(startedAtMs / 1000)}`, startedAtMs, log: folder.log }
        : null,
    ),
  );
  return streams.filter((stream) => stream !== null);
}
