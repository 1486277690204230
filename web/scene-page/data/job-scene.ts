import { answer, api } from '../../api/client';
import { annotationsAt } from './annotations';
import { askEarly } from '../../scene/early';
import { isStreamed } from '../../scene/streamed';
import { readPhotos, type PhotoPlace } from './photos';
import { jsonOrNull, posterBelow, readSceneFile, sceneSource, type SceneData } from './scene-files';

/** The scene of a job; null where it has none. Throws ApiProblem, NoAnswer. */
export async function readJobScene(jobId: string, signal: AbortSignal): Promise<SceneData | null> {
  const job = await answer(api.GET('/v1/jobs/{jobId}', { params: { path: { jobId } }, signal }));
  const files = new Set(job.result?.files.map(({ name }) => name) ?? []);
  if (!files.has('scene.sog')) return null;
  const base = `/v1/jobs/${encodeURIComponent(jobId)}`;
  const source = sceneSource(base, files.has('scene/lod-meta.json'));
  if (!isStreamed(source.url)) askEarly(source.url, signal);
  const sceneFile = files.has('scene.json') ? await jsonOrNull(`${base}/scene/scene.json`, signal) : null;
  return {
    name: job.name,
    source,
    ...readSceneFile(sceneFile, job.stages.training?.openingView),
    poster: posterBelow(base, files),
    hasPhotos: files.has('photos.json'),
    annotations: annotationsAt(base),
    mayMeasure: true,
    mayChangeAll: true,
  };
}

/** Places of a job's photos; none where they are not known. The scene is there without them: they may be thousands. */
export async function readJobPhotos(jobId: string, signal: AbortSignal): Promise<readonly PhotoPlace[]> {
  const base = `/v1/jobs/${encodeURIComponent(jobId)}/artifacts`;
  return readPhotos(await jsonOrNull(`${base}/photos.json?inline`, signal), (name) => `${base}/${name}?inline`);
}
