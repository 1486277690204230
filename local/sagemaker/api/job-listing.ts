import { ApiError } from '../api-error';
import type { Job } from '../jobs/job-registry';
import type { LIST_JOBS } from './request-shapes';

type ListJobsRequest = ReturnType<typeof LIST_JOBS>;

/** Sort key and name of the last job shown: a position that stays valid when jobs come and go. */
type Place = [key: string | number, name: string];

const DEFAULT_MAX_RESULTS = 10;

/** One page of the jobs that match. Throws ApiError for a malformed NextToken. */
export function pageOfJobs(
  jobs: readonly Job[],
  request: ListJobsRequest,
): { jobs: Job[]; nextToken: string | undefined } {
  const { SortBy, NextToken } = request;
  const direction = request.SortOrder === 'Descending' ? -1 : 1;
  const place = ({ record, state }: Job): Place => [
    { Name: record.name, CreationTime: record.createdAtMs, Status: state.status }[SortBy ?? 'CreationTime'],
    record.name,
  ];
  const after = NextToken === undefined ? undefined : readToken(NextToken);
  const found = jobs
    .filter((job) => matches(job, request))
    .filter((job) => after === undefined || direction * comparePlaces(place(job), after) > 0)
    .sort((left, right) => direction * comparePlaces(place(left), place(right)));
  const page = found.slice(0, request.MaxResults ?? DEFAULT_MAX_RESULTS);
  const last = page.at(-1);
  return { jobs: page, nextToken: last && page.length < found.length ? writeToken(place(last)) : undefined };
}

function matches({ record, state }: Job, request: ListJobsRequest): boolean {
  const created = record.createdAtMs / 1000;
  const modified = state.lastModifiedMs / 1000;
  return (
    record.name.includes(request.NameContains ?? '') &&
    state.status === (request.StatusEquals ?? state.status) &&
    created > (request.CreationTimeAfter ?? -Infinity) &&
    created < (request.CreationTimeBefore ?? Infinity) &&
    modified > (request.LastModifiedTimeAfter ?? -Infinity) &&
    modified < (request.LastModifiedTimeBefore ?? Infinity)
  );
}

function comparePlaces([leftKey, leftName]: Place, [rightKey, rightName]: Place): number {
  if (leftKey !== rightKey) return leftKey < rightKey ? -1 : 1;
  return leftName === rightName ? 0 : leftName < rightName ? -1 : 1;
}

function writeToken(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

function readToken(token: string): Place {
  try {
    const place: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (Array.isArray(place) && place.length === 2 && typeof place[1] === 'string') return place as Place;
  } catch {
    // Answered below.
  }
  throw new ApiError('ValidationException', 'The value of NextToken is not valid.');
}
