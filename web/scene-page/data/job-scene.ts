import { answer, api } from '../../api/client';
import { annotationsAt } from './annotations';
import { readPhotos } from './photos';
import { fitOf, jsonOrNull, readSceneFile, sceneSource, type SceneData } from './scene-files';

/** The scene of a job; null where it has none. Throws ApiProblem, NoAnswer. */
export async function readJobScene(jobId: string, signal: AbortSignal): Promise<SceneData | null> {
  const job = await answer(api.GET('/v1/jobs/{jobId}', { params: { path: { jobId } }, signal }));
  const files = new Set(job.result?.files.map(({ name }) => name) ?? []);
  if (!files.has('scene.sog')) return null;
  const base = `/v1/jobs/${encodeURIComponent(jobId)}`;
  const [sceneFile, photosFile] = await Promise.all([
    files.has('scene.json') ? jsonOrNull(`${base}/scene/scene.json`, signal) : null,
    files.has('photos.json') ? jsonOrNull(`${base}/artifacts/photos.json?inline`, signal) : null,
  ]);
  const photos = readPhotos(photosFile, (name) => `${base}/artifacts/${name}?inline`);
  return {
    name: job.name,
    source: sceneSource(base, files.has('scene/lod-meta.json')),
    ...readSceneFile(sceneFile, job.stages.training?.openingView),
    poster: files.has('poster.jpg') ? `${base}/scene/poster.jpg` : null,
    photos,
    fit: fitOf(photos),
    annotations: annotationsAt(base),
    mayMeasure: true,
    mayChangeAll: true,
  };
}
