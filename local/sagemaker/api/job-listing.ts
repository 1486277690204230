import { ApiError } from '../api-error';
import type { Job } from '../jobs/job-registry';
import type { ListJobsRequest } from './request-shapes';

interface JobPage {
  jobs: Job[];
  nextToken: string | undefined;
}

/**
 * A place between two jobs, which stays where it is when jobs come and go: the sort key and name of the last one shown.
 */
type Place = [key: string | number, name: string];

const DEFAULT_MAX_RESULTS = 10;

/** One page of the jobs asked for. Throws ApiError for a token that none of our answers contained. */
export function pageOfJobs(jobs: readonly Job[], request: ListJobsRequest): JobPage {
  const direction = request.SortOrder === 'Descending' ? -1 : 1;
  const place = placeOf(request.SortBy ?? 'CreationTime');
  const after = request.NextToken === undefined ? undefined : readToken(request.NextToken);
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
    (request.NameContains === undefined || record.name.includes(request.NameContains)) &&
    (request.StatusEquals === undefined || state.status === request.StatusEquals) &&
    (request.CreationTimeAfter === undefined || created > request.CreationTimeAfter) &&
    (request.CreationTimeBefore === undefined || created < request.CreationTimeBefore) &&
    (request.LastModifiedTimeAfter === undefined || modified > request.LastModifiedTimeAfter) &&
    (request.LastModifiedTimeBefore === undefined || modified < request.LastModifiedTimeBefore)
  );
}

function placeOf(sortBy: 'Name' | 'CreationTime' | 'Status'): (job: Job) => Place {
  switch (sortBy) {
    case 'Name':
      return ({ record }) => [record.name, record.name];
    case 'CreationTime':
      return ({ record }) => [record.createdAtMs, record.name];
    case 'Status':
      return ({ record, state }) => [state.status, record.name];
  }
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
