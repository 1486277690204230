import { z } from 'zod';
import { ANNOTATION, ANNOTATION_DRAFT, ANNOTATION_LIST } from '../../contracts/scene/annotation-schema';
import { JOB_PARAMS } from '../jobs/schemas';
import type { ProblemCode } from '../http/problem';
import { NO_BODY } from '../http/request-schemas';
import { route, type Route } from '../http/route';
import type { AnnotationDesk } from './annotations';

const TAG = 'Annotations';
const OF_A_JOB = ['JOB_NOT_FOUND', 'JOB_ERASED'] as const satisfies readonly ProblemCode[];

export const ANNOTATION_PARAM = { annotationId: z.string() };
const PARAMS = JOB_PARAMS.extend(ANNOTATION_PARAM);
/** Of a change: without it whichever version there is is changed. */
export const IF_MATCH = z.object({
  'if-match': z.string().max(1000).optional().describe('The ETag of the version that is changed; left out: of any'),
});
export const ETAG = { ETag: 'The version' };
export const ANNOTATION_EXAMPLE = {
  kind: 'distance',
  vertices: [
    [0, 0, 0],
    [3, 0, 4],
  ],
  text: 'Width of the gate',
  value: { amount: 5, sigma: 0.02, unit: 'm' },
};

/** Notes and measurements of a job's scene. */
export const annotationRoutes = (desk: AnnotationDesk): Route[] => [
  route(
    {
      method: 'get',
      path: '/v1/jobs/{jobId}/annotations',
      operation: 'listAnnotations',
      tag: TAG,
      summary: 'The notes and measurements of a job',
      scope: 'read',
      params: JOB_PARAMS,
      answers: { 200: { description: 'All of them', schema: ANNOTATION_LIST } },
      problems: OF_A_JOB,
    },
    async ({ caller, params }) => ({ status: 200, body: { annotations: await desk.list(caller, params.jobId) } }),
  ),
  route(
    {
      method: 'post',
      path: '/v1/jobs/{jobId}/annotations',
      operation: 'createAnnotation',
      tag: TAG,
      summary: 'Put a note or a measurement into a scene',
      scope: 'write',
      params: JOB_PARAMS,
      body: ANNOTATION_DRAFT,
      example: ANNOTATION_EXAMPLE,
      idempotent: { secrets: [] },
      answers: {
        201: {
          description: 'The annotation',
          schema: ANNOTATION,
          headers: { ...ETAG, Location: 'Address of the annotation' },
        },
      },
      problems: [...OF_A_JOB, 'TOO_MANY_ANNOTATIONS'],
    },
    async ({ caller, params, body }) => {
      const made = await desk.create(caller, params.jobId, body, null);
      const location = `/v1/jobs/${params.jobId}/annotations/${made.annotationId}`;
      return { status: 201, body: made, headers: { ETag: made.etag, Location: location } };
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/jobs/{jobId}/annotations/{annotationId}',
      operation: 'getAnnotation',
      tag: TAG,
      summary: 'An annotation',
      scope: 'read',
      params: PARAMS,
      answers: { 200: { description: 'The annotation', schema: ANNOTATION, headers: ETAG } },
      problems: [...OF_A_JOB, 'ANNOTATION_NOT_FOUND'],
    },
    async ({ caller, params: { jobId, annotationId } }) => {
      const found = await desk.get(caller, jobId, annotationId);
      return { status: 200, body: found, headers: { ETag: found.etag } };
    },
  ),
  route(
    {
      method: 'put',
      path: '/v1/jobs/{jobId}/annotations/{annotationId}',
      operation: 'replaceAnnotation',
      tag: TAG,
      summary: 'Put another in the place of an annotation',
      scope: 'write',
      params: PARAMS,
      headers: IF_MATCH,
      body: ANNOTATION_DRAFT,
      example: ANNOTATION_EXAMPLE,
      answers: { 200: { description: 'The annotation', schema: ANNOTATION, headers: ETAG } },
      problems: [...OF_A_JOB, 'ANNOTATION_NOT_FOUND', 'PRECONDITION_FAILED'],
    },
    async ({ caller, params: { jobId, annotationId }, body, headers }) => {
      const replaced = await desk.replace(caller, jobId, annotationId, body, headers['if-match']);
      return { status: 200, body: replaced, headers: { ETag: replaced.etag } };
    },
  ),
  route(
    {
      method: 'delete',
      path: '/v1/jobs/{jobId}/annotations/{annotationId}',
      operation: 'deleteAnnotation',
      tag: TAG,
      summary: 'Delete an annotation',
      scope: 'write',
      params: PARAMS,
      headers: IF_MATCH,
      body: NO_BODY,
      answers: { 204: { description: 'Deleted' } },
      problems: [...OF_A_JOB, 'ANNOTATION_NOT_FOUND', 'PRECONDITION_FAILED'],
    },
    async ({ caller, params: { jobId, annotationId }, headers }) => {
      await desk.remove(caller, jobId, annotationId, headers['if-match']);
      return { status: 204 };
    },
  ),
];
