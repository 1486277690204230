import { sendEmpty, sendXml, type Exchange } from '../protocol/exchange';
import { decodeToken, encodeToken, listKeys, type ListingPosition } from '../storage/listing';
import { versionElements } from './object-operations';
import { parameter, type S3Request } from '../protocol/request';
import { S3Error } from '../s3-error';
import { encodePath } from '../../aws/uri-encoding';

const MAX_KEYS = 1000;
/** The one region whose CreateBucket succeeds when the bucket is there already (S3 API reference, CreateBucket). */
const REGION_WITH_REPEATABLE_CREATE = 'us-east-1';

export async function listBuckets(exchange: Exchange): Promise<void> {
  const buckets = exchange.store.listBuckets().map(({ name, createdAt }) => ({
    Name: name,
    CreationDate: new Date(createdAt).toISOString(),
  }));
  sendXml(exchange, 'ListAllMyBucketsResult', { Buckets: { Bucket: buckets } });
}

export async function createBucket(exchange: Exchange): Promise<void> {
  const { request, store, region } = exchange;
  const created = await store.createBucket(request.bucket);
  if (!created && region !== REGION_WITH_REPEATABLE_CREATE) throw new S3Error('BucketAlreadyOwnedByYou');
  sendEmpty(exchange, 200, { location: `/${request.bucket}` });
}

export async function headBucket(exchange: Exchange): Promise<void> {
  exchange.store.bucket(exchange.request.bucket);
  sendEmpty(exchange, 200, { 'x-amz-bucket-region': exchange.region });
}

export async function deleteBucket(exchange: Exchange): Promise<void> {
  await exchange.store.deleteBucket(exchange.request.bucket);
  sendEmpty(exchange, 204);
}

export async function getBucketLocation(exchange: Exchange): Promise<void> {
  exchange.store.bucket(exchange.request.bucket);
  // S3 writes no name for us-east-1.
  sendXml(exchange, 'LocationConstraint', exchange.region === 'us-east-1' ? '' : exchange.region);
}

export async function listObjectsV2(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  const { objects } = store.bucket(request.bucket);
  const prefix = parameter(request, 'prefix') ?? '';
  const delimiter = parameter(request, 'delimiter') ?? '';
  const startAfter = parameter(request, 'start-after') ?? '';
  const token = parameter(request, 'continuation-token');
  const encodes = parameter(request, 'encoding-type') === 'url';
  const name = (text: string): string => (encodes ? encodePath(text) : text);
  const maxKeys = maxKeysOf(request);
  const from: ListingPosition | undefined =
    token !== undefined ? decodeToken(token) : startAfter !== '' ? { afterKey: startAfter } : undefined;

  const listing = listKeys(objects, { prefix, delimiter, maxKeys, from });
  sendXml(exchange, 'ListBucketResult', {
    Name: request.bucket,
    Prefix: name(prefix),
    KeyCount: listing.contents.length + listing.commonPrefixes.length,
    MaxKeys: maxKeys,
    Delimiter: delimiter === '' ? undefined : name(delimiter),
    StartAfter: startAfter === '' ? undefined : name(startAfter),
    EncodingType: encodes ? 'url' : undefined,
    ContinuationToken: token,
    IsTruncated: listing.next !== undefined,
    NextContinuationToken: listing.next && encodeToken(listing.next),
    Contents: listing.contents.map((object) => ({
      Key: name(object.key),
      ...versionElements(object),
      ChecksumAlgorithm: object.checksum?.algorithm,
      ChecksumType: object.checksum?.type,
      Size: object.size,
      StorageClass: 'STANDARD',
    })),
    CommonPrefixes: listing.commonPrefixes.map((commonPrefix) => ({ Prefix: name(commonPrefix) })),
  });
}

function maxKeysOf(request: S3Request): number {
  const text = parameter(request, 'max-keys') ?? '';
  const value = text === '' ? MAX_KEYS : Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new S3Error('InvalidArgument', 'max-keys must be an integer of at least 0.');
  return Math.min(value, MAX_KEYS);
}
