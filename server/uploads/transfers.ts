import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  type ListPartsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { abortMultipart } from '../../platform/uploads/upload-removal';

/** One request to S3 that a link allows, once signed, and nothing else. */
export type Transfer = { readonly key: string } & (
  | { readonly kind: 'put'; readonly mediaType: string; readonly bytes: number }
  | { readonly kind: 'create'; readonly mediaType: string }
  /** `bytes` null: any number, up to S3's limit for a part. */
  | { readonly kind: 'part'; readonly multipartId: string; readonly partNumber: number; readonly bytes: number | null }
  | { readonly kind: 'parts' | 'complete' | 'abort'; readonly multipartId: string }
);

/** A part that has arrived. */
export interface ArrivedPart {
  readonly partNumber: number;
  readonly bytes: number;
  readonly etag: string;
}

/** What the server does in S3 for clients that send files in parts, and the links that it signs for them. */
export interface Transfers {
  /** A link for the public endpoint that holds for `seconds`. */
  link(transfer: Transfer, seconds: number): Promise<string>;
  /** Begins a file in parts; returns S3's id for it. */
  create(key: string, mediaType: string): Promise<string>;
  /** In order; null where there is no such multipart upload, or not any more. */
  parts(key: string, multipartId: string): Promise<readonly ArrivedPart[] | null>;
  /** False where there is no such multipart upload. */
  complete(key: string, multipartId: string, parts: readonly ArrivedPart[]): Promise<boolean>;
  /** Harmless where there is none. */
  abort(key: string, multipartId: string): Promise<void>;
}

/**
 * Headers that are signed, so that a link stores a file under no other type and, where its size is known, of no other
 * size. The SDK would sign none of them, or some that browsers send otherwise.
 */
const BOUND_HEADERS: Readonly<Record<Transfer['kind'], readonly string[]>> = {
  put: ['content-type', 'content-length'],
  create: ['content-type'],
  part: ['content-length'],
  parts: [],
  complete: [],
  abort: [],
};

/** @param signing client for the endpoint that browsers reach */
export function createTransfers(deps: {
  readonly s3: S3Client;
  readonly signing: S3Client;
  readonly bucket: string;
}): Transfers {
  const { s3, signing, bucket } = deps;
  return {
    link(transfer, expiresIn) {
      const object = { Bucket: bucket, Key: transfer.key };
      const how = { expiresIn, signableHeaders: new Set(BOUND_HEADERS[transfer.kind]) };
      switch (transfer.kind) {
        case 'put': {
          const { mediaType, bytes } = transfer;
          const put = new PutObjectCommand({ ...object, ContentType: mediaType, ContentLength: bytes });
          return getSignedUrl(signing, put, how);
        }
        case 'create':
          return getSignedUrl(
            signing,
            new CreateMultipartUploadCommand({ ...object, ContentType: transfer.mediaType }),
            how,
          );
        case 'part': {
          const { multipartId, partNumber, bytes } = transfer;
          const part = { ...object, UploadId: multipartId, PartNumber: partNumber };
          return getSignedUrl(
            signing,
            new UploadPartCommand(bytes === null ? part : { ...part, ContentLength: bytes }),
            how,
          );
        }
        case 'parts':
          return getSignedUrl(signing, new ListPartsCommand({ ...object, UploadId: transfer.multipartId }), how);
        case 'complete':
          return getSignedUrl(
            signing,
            new CompleteMultipartUploadCommand({ ...object, UploadId: transfer.multipartId }),
            how,
          );
        case 'abort':
          return getSignedUrl(
            signing,
            new AbortMultipartUploadCommand({ ...object, UploadId: transfer.multipartId }),
            how,
          );
      }
    },

    async create(key, mediaType) {
      const { UploadId } = await s3.send(
        new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, ContentType: mediaType }),
      );
      if (UploadId === undefined) throw new Error(`S3 gave no id for the parts of ${key}`);
      return UploadId;
    },

    parts: (key, multipartId) =>
      ifThere(async () => {
        const found: ArrivedPart[] = [];
        // Not by the SDK's paginator: it follows the marker that the last page has too, and does not end.
        let page: Pick<ListPartsCommandOutput, 'IsTruncated' | 'NextPartNumberMarker' | 'Parts'> = {
          IsTruncated: true,
        };
        while (page.IsTruncated === true) {
          const request = { Bucket: bucket, Key: key, UploadId: multipartId };
          page = await s3.send(new ListPartsCommand({ ...request, PartNumberMarker: page.NextPartNumberMarker }));
          for (const { PartNumber = 0, Size = 0, ETag = '' } of page.Parts ?? [])
            found.push({ partNumber: PartNumber, bytes: Size, etag: ETag });
        }
        return found;
      }),

    async complete(key, multipartId, parts) {
      const done = await ifThere(() =>
        s3.send(
          new CompleteMultipartUploadCommand({
            Bucket: bucket,
            Key: key,
            UploadId: multipartId,
            MultipartUpload: { Parts: parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag })) },
          }),
        ),
      );
      return done !== null;
    },

    abort: (key, multipartId) => abortMultipart(deps, key, multipartId),
  };
}

/** Null where S3 knows no such multipart upload; ids of other forms than its own are none. */
async function ifThere<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && ['NoSuchUpload', 'NoSuchKey'].includes(error.name)) return null;
    throw error;
  }
}
