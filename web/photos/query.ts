import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { JobView } from '../../contracts/job/view';
import { publishedJson } from '../api/published';
import { readPhotoList, type ListedPhoto } from './photo-list';

const FILE = 'photos.json';

export const hasPhotoList = ({ result }: Pick<JobView, 'result'>): boolean =>
  result?.files.some(({ name }) => name === FILE) ?? false;

/** The photos that a job has published a list of; none of a file that is damaged. */
export const usePhotoList = (job: Pick<JobView, 'jobId' | 'result'>): UseQueryResult<readonly ListedPhoto[]> =>
  useQuery({
    queryKey: ['photos', job.jobId],
    queryFn: async ({ signal }) => readPhotoList(await publishedJson(job.jobId, FILE, signal)) ?? [],
    enabled: hasPhotoList(job),
    staleTime: Infinity,
  });
