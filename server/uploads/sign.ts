import { MAX_PUT_BYTES, uploadMediaType } from '../../contracts/storage/upload-rules';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { invalidRequest } from '../http/request-schemas';
import { fileOf, keyOf, type UploadLookup } from './lookup';
import type { Transfer, Transfers } from './transfers';

/**
 * How long a signed request may begin. A browser holds requests back while others are under way over the same few
 * connections, and repeats a broken one under the same signature.
 */
export const LINK_SECONDS = 900;

/** What Uppy's @uppy/aws-s3 6 hands to `signRequest`: one request to S3 that is to be signed. */
export interface SignRequest {
  readonly method: 'PUT' | 'POST' | 'GET' | 'DELETE';
  /** A key of this upload, or the name of a file in its manifest. */
  readonly key: string;
  /** S3's id of a file in parts, not the upload's. */
  readonly uploadId?: string | undefined;
  readonly partNumber?: number | undefined;
  /** Seconds; shorter than usual where a client wants so. */
  readonly expiresIn?: number | undefined;
}

/** What Uppy takes back. */
export interface SignedRequest {
  readonly url: string;
  /** The full key, for a request that named the file. */
  readonly key: string;
  /** To be sent as they are: they were signed. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * Signs one request to S3 for a file of the manifest. Throws the problems of an upload that is not open,
 * UPLOAD_FILE_NOT_FOUND, and INVALID_REQUEST for a request that no upload needs.
 */
export type SignUpload = (caller: Caller, uploadId: string, request: SignRequest) => Promise<SignedRequest>;

export function createSigning(lookup: UploadLookup, transfers: Pick<Transfers, 'link'>): SignUpload {
  return async (caller, uploadId, request) => {
    const upload = await lookup.open(caller, uploadId);
    const file = fileOf(upload, request.key);
    const mediaType = uploadMediaType(file.name) ?? 'application/octet-stream';
    const transfer = transferOf(request, { key: keyOf(upload, file), mediaType, bytes: file.bytes });
    const seconds = Math.min(request.expiresIn ?? LINK_SECONDS, LINK_SECONDS);
    const url = await reached('The storage', transfers.link(transfer, seconds));
    const { key } = transfer;
    return 'mediaType' in transfer ? { url, key, headers: { 'Content-Type': mediaType } } : { url, key };
  };
}

/** The one transfer that method, id and part number stand for. Throws INVALID_REQUEST. */
function transferOf(
  { method, uploadId: multipartId, partNumber }: SignRequest,
  { key, mediaType, bytes }: { readonly key: string; readonly mediaType: string; readonly bytes: number },
): Transfer {
  if (method !== 'PUT' && partNumber !== undefined)
    throw invalidRequest([{ field: 'partNumber', message: 'goes with method PUT only' }]);
  if (multipartId === undefined) {
    if (partNumber !== undefined)
      throw invalidRequest([{ field: 'uploadId', message: 'is needed for a part: the id that S3 gave for its file' }]);
    if (method === 'PUT' && bytes > MAX_PUT_BYTES)
      throw invalidRequest([{ field: 'method', message: 'must be POST: a file of more than 5 GB goes in parts' }]);
    if (method === 'PUT') return { kind: 'put', key, mediaType, bytes };
    if (method === 'POST') return { kind: 'create', key, mediaType };
    throw invalidRequest([{ field: 'method', message: `must be PUT or POST without an uploadId, not ${method}` }]);
  }
  if (method === 'PUT') {
    if (partNumber === undefined)
      throw invalidRequest([{ field: 'partNumber', message: 'is needed to send a part: 1 to 10000' }]);
    return { kind: 'part', key, multipartId, partNumber, bytes: null };
  }
  return { kind: ({ POST: 'complete', GET: 'parts', DELETE: 'abort' } as const)[method], key, multipartId };
}
