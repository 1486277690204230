import type { components, paths } from '../../../contracts/generated/api';
import { answer, api } from '../../api/client';
import type { Manifest } from '../files/manifest';

export type Upload = components['schemas']['Upload'];
export type SignedRequest = components['schemas']['SignedRequest'];
export type SignRequest = paths['/v1/uploads/{uploadId}/sign']['post']['requestBody']['content']['application/json'];
export type StartRequest = paths['/v1/jobs']['post']['requestBody']['content']['application/json'];

/** What of the API an upload and the start of its job need. All throw as `answer` does. */
export interface UploadApi {
  create(manifest: Manifest, idempotencyKey: string): Promise<Upload>;
  get(uploadId: string): Promise<Upload>;
  sign(uploadId: string, request: SignRequest): Promise<SignedRequest>;
  /** Bytes of each part that has arrived, by its number. */
  parts(uploadId: string, file: number, multipartId: string): Promise<ReadonlyMap<number, number>>;
  complete(uploadId: string): Promise<Upload>;
  remove(uploadId: string): Promise<void>;
  /** Returns the job's id. */
  start(request: StartRequest, idempotencyKey: string): Promise<string>;
}

const at = (uploadId: string) => ({ params: { path: { uploadId } } });

export const uploadApi: UploadApi = {
  create: (body, key) => answer(api.POST('/v1/uploads', { body, params: { header: { 'Idempotency-Key': key } } })),
  get: (uploadId) => answer(api.GET('/v1/uploads/{uploadId}', at(uploadId))),
  sign: (uploadId, body) => answer(api.POST('/v1/uploads/{uploadId}/sign', { ...at(uploadId), body })),
  async parts(uploadId, file, multipartId) {
    const params = { path: { uploadId, file, multipartId } };
    const { parts } = await answer(api.GET('/v1/uploads/{uploadId}/files/{file}/multipart/{multipartId}', { params }));
    return new Map(parts.map(({ partNumber, bytes }) => [partNumber, bytes]));
  },
  complete: (uploadId) => answer(api.POST('/v1/uploads/{uploadId}/complete', { ...at(uploadId), body: {} })),
  async remove(uploadId) {
    await answer(api.DELETE('/v1/uploads/{uploadId}', { ...at(uploadId), body: {} }));
  },
  async start(body, key) {
    const { jobId } = await answer(api.POST('/v1/jobs', { body, params: { header: { 'Idempotency-Key': key } } }));
    return jobId;
  },
};
