import { z } from 'zod';
import { sceneFile, type PublishedFile } from '../../contracts/storage/layout';
import { Problem, type ProblemCode } from '../http/problem';
import { route, SENT, type Route } from '../http/route';
import type { ReadJobs } from '../jobs/read';
import { JOB_PARAMS } from '../jobs/schemas';
import { sendFileHead } from './file-head';

export const SCENE_FILE = {
  file: z.string().describe('`scene.sog`, `scene.json`, `poster.jpg`, or a file of a streamed scene: `0_0/meta.json`'),
};
export const TO_SIGNED_LINK = {
  302: { description: 'To a signed link', headers: { Location: 'Good for five minutes; ask here again after them' } },
};
/** Of a file that HEAD is asked about. */
export const FILE_HEADS = {
  200: { description: 'What GET comes to behind its redirect' },
  304: { description: 'The version that `If-None-Match` names' },
  412: { description: 'Another version than `If-Match` names' },
};

const AT_A_SCENE = {
  path: '/v1/jobs/{jobId}/scene/{file*}',
  tag: 'Scenes',
  scope: 'read',
  params: JOB_PARAMS.extend(SCENE_FILE),
  problems: ['JOB_NOT_FOUND', 'JOB_ERASED', 'ARTIFACT_NOT_FOUND'] satisfies readonly ProblemCode[],
} as const;

/** Files of a scene under one path, so that names which they hold of each other lead to them. */
export const sceneRoutes = (jobs: Pick<ReadJobs, 'artifact' | 'artifactHead'>): Route[] => [
  route(
    {
      ...AT_A_SCENE,
      method: 'get',
      operation: 'getSceneFile',
      summary: 'A file of the scene, as a viewer reads it',
      description: 'Relative names within a file lead to the same path, and each is answered by a link of its own.',
      answers: TO_SIGNED_LINK,
    },
    async ({ caller, params: { jobId, file } }) => ({
      status: 302,
      headers: { Location: await jobs.artifact(caller, jobId, fileOfScene(file), 'show') },
    }),
  ),
  route(
    {
      ...AT_A_SCENE,
      method: 'head',
      operation: 'headSceneFile',
      summary: 'Size, type and version of a file of the scene',
      answers: FILE_HEADS,
    },
    async ({ caller, params: { jobId, file }, request, response }) => {
      sendFileHead(request, response, await jobs.artifactHead(caller, jobId, fileOfScene(file), 'show'));
      return SENT;
    },
  ),
];

/** Throws ARTIFACT_NOT_FOUND for names that no scene has. */
export function fileOfScene(name: string): PublishedFile {
  const file = sceneFile(name);
  if (file === null) throw new Problem('ARTIFACT_NOT_FOUND', 'no scene has a file of that name');
  return file;
}
