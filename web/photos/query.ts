import { queryOptions, useQuery, type UseQueryResult } from '@tanstack/react-query';
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

/** What scene.json says, asked for once by all that show some of it; null of a job without one. */
const sceneFile = (jobId: string) =>
  queryOptions({
    queryKey: ['scene.json', jobId],
    queryFn: ({ signal }) => publishedJson(jobId, SCENE, signal),
    staleTime: Infinity,
  });
const SCENE = 'scene.json';

interface Coverage {
  readonly coverage?: { readonly legend: readonly { readonly photos: number; readonly colour: string }[] } | null;
}

/** How many photos the colours of coverage.png stand for, at least; none of a job that does not say. */
export function useCoverageLegend({
  jobId,
  result,
}: Pick<JobView, 'jobId' | 'result'>): NonNullable<Coverage['coverage']>['legend'] {
  const enabled = result?.files.some(({ name }) => name === SCENE) ?? false;
  const { data } = useQuery({ ...sceneFile(jobId), enabled });
  return (data as Coverage | null | undefined)?.coverage?.legend ?? [];
}

/** The scene from above, as it lies on the map: null of a job without one, undefined until that is known. */
export function useMapPicture({ jobId, result }: Pick<JobView, 'jobId' | 'result'>): MapPicture | null | undefined {
  const has = [TOPDOWN, CORNERS].every((file) => result?.files.some(({ name }) => name === file) ?? false);
  const { data, isError } = useQuery({
    queryKey: ['map picture', jobId],
    queryFn: async ({ client, signal }) => {
      const [corners, scene] = await Promise.all([
        publishedJson(jobId, CORNERS, signal),
        client.query(sceneFile(jobId)),
      ]);
      return mapPicture(corners, scene, new URL(shownFile(jobId, TOPDOWN), location.href).href);
    },
    enabled: has,
    staleTime: Infinity,
  });
  return has && !isError ? data : null;
}
