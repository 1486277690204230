import type { RequestHandler } from 'express';
import { Problem, type ProblemCode } from '../http/problem';
import { NO_BODY } from '../http/request-schemas';
import { route, type Route } from '../http/route';
import { LASTING_KEY_HEADERS } from '../idempotency/header';
import {
  ARRIVED_PARTS,
  CUT,
  FILE_PARAMS,
  MANIFEST,
  MAX_MANIFEST_BYTES,
  MULTIPART_PARAMS,
  PART_LINKS,
  PART_NUMBERS,
  SIGN,
  SIGNED,
  UPLOAD_PARAMS,
  UPLOAD_VIEW,
} from './schemas';
import type { Uploads } from './uploads';

const TAG = 'Uploads';
const OF_AN_OPEN_UPLOAD = [
  'UPLOAD_NOT_FOUND',
  'UPLOAD_COMPLETE',
  'UPLOAD_EXPIRED',
] as const satisfies readonly ProblemCode[];
const OF_A_FILE = [...OF_AN_OPEN_UPLOAD, 'UPLOAD_FILE_NOT_FOUND'] as const satisfies readonly ProblemCode[];
const OF_PARTS = [...OF_A_FILE, 'MULTIPART_NOT_FOUND'] as const satisfies readonly ProblemCode[];

/** Manifests that are read and checked at once: each may hold some 20 MB meanwhile. */
const MANIFESTS_AT_ONCE = 16;

/** `/v1/uploads`: a manifest first, then the files straight to S3, then the comparison. */
export const uploadRoutes = (uploads: Uploads): Route[] => [
  ...wholeUploadRoutes(uploads),
  ...filesInPartsRoutes(uploads),
];

const wholeUploadRoutes = (uploads: Uploads): Route[] => [
  route(
    {
      method: 'post',
      path: '/v1/uploads',
      operation: 'createUpload',
      tag: TAG,
      summary: 'Announce photos that are to be uploaded',
      description:
        'Up to 10 000 photos (.jpg, .jpeg, .png), or one archive (.zip, .tar, .tar.gz, .tgz), with files of positions ' +
        'beside them. `missing` of the answer names the key of each file. What is not complete after seven days is removed.',
      scope: 'write',
      headers: LASTING_KEY_HEADERS,
      body: MANIFEST,
      example: {
        name: 'Quarry',
        files: [{ name: 'DJI_0001.JPG', bytes: 8_123_456, modifiedAt: '2026-11-21T10:00:00Z' }],
      },
      maxBodyBytes: MAX_MANIFEST_BYTES,
      before: [atMostAtOnce(MANIFESTS_AT_ONCE)],
      answers: {
        201: {
          description: 'The upload waits for its files',
          schema: UPLOAD_VIEW,
          headers: { Location: 'Address of the upload' },
        },
        200: {
          description: 'The upload had been made under this key',
          schema: UPLOAD_VIEW,
          headers: { Location: 'Address of the upload' },
        },
      },
      problems: ['IDEMPOTENCY_KEY_REUSED', 'OVERLOADED'],
    },
    async ({ caller, body, headers }) => {
      const { view, isNew } = await uploads.create(caller, body, headers['idempotency-key'] ?? null);
      const answer = { body: view, headers: { Location: `/v1/uploads/${view.uploadId}` } };
      return isNew ? { status: 201, ...answer } : { status: 200, ...answer };
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/uploads/{uploadId}',
      operation: 'getUpload',
      tag: TAG,
      summary: 'What of an upload has arrived',
      scope: 'read',
      params: UPLOAD_PARAMS,
      answers: { 200: { description: 'The upload, compared with what S3 lists', schema: UPLOAD_VIEW } },
      problems: ['UPLOAD_NOT_FOUND'],
    },
    async ({ caller, params }) => ({ status: 200, body: await uploads.get(caller, params.uploadId) }),
  ),
  route(
    {
      method: 'post',
      path: '/v1/uploads/{uploadId}/sign',
      operation: 'signUpload',
      tag: TAG,
      summary: 'Sign one request to S3',
      description:
        "Request and answer have the shape of `signRequest` of Uppy's @uppy/aws-s3 6. PUT sends a file whole or, with " +
        '`uploadId` and `partNumber`, a part; POST begins parts or, with `uploadId`, joins them; GET lists and DELETE ' +
        'discards them. A link holds for 15 minutes, for one file, its media type and, sent whole, its size.',
      scope: 'write',
      params: UPLOAD_PARAMS,
      body: SIGN,
      example: { method: 'PUT', key: 'DJI_0001.JPG' },
      answers: { 200: { description: 'A link for this one request', schema: SIGNED } },
      problems: OF_A_FILE,
    },
    async ({ caller, params, body }) => ({ status: 200, body: await uploads.sign(caller, params.uploadId, body) }),
  ),
  route(
    {
      method: 'post',
      path: '/v1/uploads/{uploadId}/complete',
      operation: 'completeUpload',
      tag: TAG,
      summary: 'Say that everything has been sent',
      description: 'Compares what S3 lists with the manifest. A second time answers the same.',
      scope: 'write',
      params: UPLOAD_PARAMS,
      body: NO_BODY,
      answers: { 200: { description: 'Every file has arrived with its size', schema: UPLOAD_VIEW } },
      problems: ['UPLOAD_NOT_FOUND', 'UPLOAD_EXPIRED', 'UPLOAD_INCOMPLETE'],
    },
    async ({ caller, params }) => ({ status: 200, body: await uploads.complete(caller, params.uploadId) }),
  ),
  route(
    {
      method: 'delete',
      path: '/v1/uploads/{uploadId}',
      operation: 'deleteUpload',
      tag: TAG,
      summary: 'Remove an upload and its files',
      scope: 'write',
      params: UPLOAD_PARAMS,
      body: NO_BODY,
      answers: { 204: { description: 'It is gone' } },
      problems: ['UPLOAD_NOT_FOUND', 'UPLOAD_IN_USE'],
    },
    async ({ caller, params }) => {
      await uploads.remove(caller, params.uploadId);
      return { status: 204 };
    },
  ),
];

const FILE = '/v1/uploads/{uploadId}/files/{file}/multipart';

const filesInPartsRoutes = ({ parts }: Uploads): Route[] => [
  route(
    {
      method: 'post',
      path: FILE,
      operation: 'beginParts',
      tag: TAG,
      summary: 'Begin to send a file in parts',
      description: 'The answer says how the file is cut. A broken connection then costs one part.',
      scope: 'write',
      params: FILE_PARAMS,
      body: NO_BODY,
      answers: { 201: { description: 'How the file is cut', schema: CUT } },
      problems: OF_A_FILE,
    },
    async ({ caller, params }) => ({ status: 201, body: await parts.begin(caller, params) }),
  ),
  route(
    {
      method: 'get',
      path: `${FILE}/{multipartId}`,
      operation: 'listParts',
      tag: TAG,
      summary: 'Parts that have arrived',
      scope: 'read',
      params: MULTIPART_PARAMS,
      answers: { 200: { description: 'In order', schema: ARRIVED_PARTS } },
      problems: OF_PARTS,
    },
    async ({ caller, params }) => ({ status: 200, body: { parts: await parts.list(caller, params) } }),
  ),
  route(
    {
      method: 'post',
      path: `${FILE}/{multipartId}/sign`,
      operation: 'signParts',
      tag: TAG,
      summary: 'Links for parts',
      description: 'Up to 100 at once. Each part is sent by PUT, as it is.',
      scope: 'write',
      params: MULTIPART_PARAMS,
      body: PART_NUMBERS,
      example: { partNumbers: [1, 2, 3] },
      answers: { 200: { description: 'A link for each part', schema: PART_LINKS } },
      problems: OF_A_FILE,
    },
    async ({ caller, params, body }) => ({
      status: 200,
      body: { links: await parts.sign(caller, params, body.partNumbers) },
    }),
  ),
  route(
    {
      method: 'post',
      path: `${FILE}/{multipartId}/complete`,
      operation: 'completeParts',
      tag: TAG,
      summary: 'Join the parts of a file',
      scope: 'write',
      params: MULTIPART_PARAMS,
      body: NO_BODY,
      answers: { 204: { description: 'The file has arrived' } },
      problems: [...OF_PARTS, 'PARTS_MISSING'],
    },
    async ({ caller, params }) => {
      await parts.complete(caller, params);
      return { status: 204 };
    },
  ),
  route(
    {
      method: 'delete',
      path: `${FILE}/{multipartId}`,
      operation: 'abortParts',
      tag: TAG,
      summary: 'Discard the parts of a file',
      scope: 'write',
      params: MULTIPART_PARAMS,
      body: NO_BODY,
      answers: { 204: { description: 'They are gone' } },
      problems: OF_A_FILE,
    },
    async ({ caller, params }) => {
      await parts.abort(caller, params);
      return { status: 204 };
    },
  ),
];

/** Refuses requests beyond so many with OVERLOADED, before their bodies are read. */
function atMostAtOnce(limit: number): RequestHandler {
  let open = 0;
  return (_request, response, next) => {
    if (open >= limit) throw new Problem('OVERLOADED', 'many manifests are being read; try again in a moment');
    open += 1;
    response.once('close', () => (open -= 1));
    next();
  };
}
