import { ApiError } from '../api-error';
import { checkShape } from './constraints';
import { JOB_KINDS, LOCAL_ACCOUNT_ID, type JobKind } from '../jobs/job-kind';
import type { Job, JobRegistry } from '../jobs/job-registry';
import { readBackward, readForward, type LogPage, type PageLimits } from '../logs/log-reader';
import { DESCRIBE_LOG_STREAMS, GET_LOG_EVENTS } from './request-shapes';

interface DescribeLogStreamsRequest {
  logGroupName: string;
  logStreamNamePrefix?: string;
  orderBy?: 'LogStreamName' | 'LastEventTime';
  descending?: boolean;
  limit?: number;
  nextToken?: string;
}

interface GetLogEventsRequest {
  logGroupName: string;
  logStreamName: string;
  startTime?: number;
  endTime?: number;
  limit?: number;
  nextToken?: string;
  startFromHead?: boolean;
}

/** What DescribeLogStreams says of a stream. */
interface LogStream {
  logStreamName: string;
  arn: string;
  creationTime: number;
  firstEventTimestamp: number;
  lastEventTimestamp: number;
  lastIngestionTime: number;
  storedBytes: number;
}

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
    checkShape(DESCRIBE_LOG_STREAMS, body);
    const {
      logGroupName,
      logStreamNamePrefix = '',
      orderBy,
      descending,
      limit,
      nextToken,
    } = body as DescribeLogStreamsRequest;
    if (orderBy === 'LastEventTime' && logStreamNamePrefix !== '') {
      throw new ApiError('InvalidParameterException', 'Cannot order by LastEventTime with a logStreamNamePrefix.');
    }
    const kind = await this.existingGroup(logGroupName);
    const jobs = logStreamNamePrefix.includes('/')
      ? await this.jobOfStream(kind, logStreamNamePrefix)
      : await this.registry.list(kind);
    const written = (await onlyWritten(jobs)).filter((job) => streamName(job).startsWith(logStreamNamePrefix));
    const streams = await Promise.all(written.map((job) => this.describeStream(job)));
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
      nextToken: start + page.length < streams.length ? page.at(-1)!.logStreamName : undefined,
    };
  }

  async getLogEvents(body: unknown): Promise<object> {
    checkShape(GET_LOG_EVENTS, body);
    const request = body as GetLogEventsRequest;
    const kind = await this.existingGroup(request.logGroupName);
    const [job] = await onlyWritten(await this.jobOfStream(kind, request.logStreamName));
    if (!job || streamName(job) !== request.logStreamName)
      throw new ApiError('ResourceNotFoundException', 'The specified log stream does not exist.');
    const page = await readPage(job.folder.log, request);
    return {
      events: page.events
        .filter(({ timestamp }) => timestamp >= (request.startTime ?? 0) && timestamp < (request.endTime ?? Infinity))
        .map((event) => ({ ...event, ingestionTime: event.timestamp })),
      nextForwardToken: `f/${page.to}`,
      nextBackwardToken: `b/${page.from}`,
    };
  }

  /** A group is there from the first line of its first job on. */
  private async existingGroup(logGroupName: string): Promise<JobKind> {
    const kind = (Object.keys(JOB_KINDS) as JobKind[]).find(
      (candidate) => JOB_KINDS[candidate].logGroup === logGroupName,
    );
    if (kind && !this.existingGroups.has(kind)) {
      const written = await onlyWritten(await this.registry.list(kind));
      if (written.length > 0) this.existingGroups.add(kind);
    }
    if (!kind || !this.existingGroups.has(kind)) {
      throw new ApiError('ResourceNotFoundException', 'The specified log group does not exist.');
    }
    return kind;
  }

  /** The job whose name is before the slash: many watchers ask for one stream each, and must not look at all jobs. */
  private async jobOfStream(kind: JobKind, name: string): Promise<Job[]> {
    const job = await this.registry.current(kind, name.slice(0, name.indexOf('/')));
    return job ? [job] : [];
  }

  private async describeStream(job: Job): Promise<LogStream> {
    const { log } = job.folder;
    const [head, tail] = await Promise.all([
      readForward(log, 0, { ...MAX_PAGE, maxEvents: 1 }),
      readBackward(log, Infinity, { ...MAX_PAGE, maxEvents: 1 }),
    ]);
    const creationTime = job.state.containerStartedAtMs!;
    const lastEventTimestamp = tail.events[0]?.timestamp ?? creationTime;
    const group = JOB_KINDS[job.record.kind].logGroup;
    return {
      logStreamName: streamName(job),
      arn: `arn:aws:logs:${this.region}:${LOCAL_ACCOUNT_ID}:log-group:${group}:log-stream:${streamName(job)}`,
      creationTime,
      firstEventTimestamp: head.events[0]?.timestamp ?? creationTime,
      lastEventTimestamp,
      lastIngestionTime: lastEventTimestamp,
      storedBytes: 0, // "always 0 since June 2019", API reference
    };
  }
}

function readPage(log: string, { nextToken, startFromHead, limit }: GetLogEventsRequest): Promise<LogPage> {
  const limits = { ...MAX_PAGE, maxEvents: limit ?? MAX_PAGE.maxEvents };
  if (nextToken === undefined) return startFromHead ? readForward(log, 0, limits) : readBackward(log, Infinity, limits);
  const match = /^([fb])\/(\d{1,15})$/.exec(nextToken);
  if (!match) throw new ApiError('InvalidParameterException', 'The specified nextToken is invalid.');
  return match[1] === 'f' ? readForward(log, Number(match[2]), limits) : readBackward(log, Number(match[2]), limits);
}

async function onlyWritten(jobs: readonly Job[]): Promise<Job[]> {
  const written = await Promise.all(
    jobs.map(async (job) => job.state.containerStartedAtMs !== undefined && (await job.folder.logSize()) > 0),
  );
  return jobs.filter((_, index) => written[index]);
}

function streamName({ record, state }: Job): string {
  return `${record.name}/algo-1-${Math.floor(state.containerStartedAtMs! / 1000)}`;
}
