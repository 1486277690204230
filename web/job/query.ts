import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import type { JobView } from '../../contracts/job/view';
import { answer, api } from '../api/client';
import { rememberQuality } from '../api/curve';
import { keys } from '../api/keys';

/** All of a job. Events renew it in the cache while it changes. */
export function useJob(jobId: string): UseQueryResult<JobView> {
  const cache = useQueryClient();
  return useQuery({
    queryKey: keys.job(jobId),
    queryFn: async ({ signal }): Promise<JobView> => {
      const called = api.GET('/v1/jobs/{jobId}', { params: { path: { jobId } }, signal });
      const job = (await answer(called)) as unknown as JobView;
      rememberQuality(cache, job);
      return job;
    },
  });
}
