import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  type InfiniteData,
  type UseInfiniteQueryResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import type { BatchList } from '../../contracts/batch/view-schema';
import type { JobList } from '../../contracts/job/view';
import { answer, api } from '../api/client';
import { keys } from '../api/keys';
import { STATE_GROUPS } from '../i18n/en/jobs';

export type StateGroup = keyof typeof STATE_GROUPS;

export const isStateGroup = (value: string | null): value is StateGroup =>
  value !== null && Object.hasOwn(STATE_GROUPS, value);

/** What of the jobs is listed. */
export interface JobFilter {
  readonly group: StateGroup | null;
  readonly text: string;
  readonly batch: string | null;
}

const PAGE = 50;

export const useJobList = ({ group, text, batch }: JobFilter): UseInfiniteQueryResult<InfiniteData<JobList>> =>
  useInfiniteQuery({
    queryKey: [...keys.jobs, { group, text, batch }],
    queryFn: async ({ pageParam, signal }): Promise<JobList> => {
      const query = {
        limit: PAGE,
        ...(group !== null && { state: [...STATE_GROUPS[group]] }),
        ...(text !== '' && { text }),
        ...(batch !== null && { batch }),
        ...(pageParam !== null && { cursor: pageParam }),
      };
      return await answer(api.GET('/v1/jobs', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  });

const MAX_BATCHES = 5;

export const useNewestBatches = (): UseQueryResult<BatchList> =>
  useQuery({
    queryKey: keys.batches,
    queryFn: async ({ signal }): Promise<BatchList> =>
      (await answer(api.GET('/v1/batches', { params: { query: { limit: MAX_BATCHES } }, signal }))) as BatchList,
  });
