import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { JobView } from '../../contracts/job/view';
import { publishedJson } from '../api/published';
import { mapPicture, type MapPicture } from '../map/map-picture';
import { shownFile } from '../ui/address';
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

const [TOPDOWN, CORNERS] = ['topdown.webp', 'topdown.json'];

const SCENE = 'scene.json';

/** How many photos the colours of coverage.png stand for, at least; none of a job that does not say. */
export function useCoverageLegend({
  jobId,
  result,
}: Pick<JobView, 'jobId' | 'result'>): readonly { readonly photos: number; readonly colour: string }[] {
  const { data } = useQuery({
    queryKey: ['coverage', jobId],
    queryFn: async ({ signal }) =>
      (await publishedJson(jobId, SCENE, signal)) as {
        readonly coverage?: { readonly legend: readonly { readonly photos: number; readonly colour: string }[] } | null;
      } | null,
    enabled: result?.files.some(({ name }) => name === SCENE) ?? false,
    staleTime: Infinity,
  });
  return data?.coverage?.legend ?? [];
}

/** The scene from above, as it lies on the map: null of a job without one, undefined until that is known. */
export function useMapPicture({ jobId, result }: Pick<JobView, 'jobId' | 'result'>): MapPicture | null | undefined {
  const has = [TOPDOWN, CORNERS].every((file) => result?.files.some(({ name }) => name === file) ?? false);
  const { data, isError } = useQuery({
    queryKey: ['map picture', jobId],
    queryFn: async ({ signal }) => {
      const [corners, scene] = await Promise.all([CORNERS, SCENE].map((file) => publishedJson(jobId, file, signal)));
      return mapPicture(corners, scene, new URL(shownFile(jobId, TOPDOWN), location.href).href);
    },
    enabled: has,
    staleTime: Infinity,
  });
  return has && !isError ? data : null;
}
