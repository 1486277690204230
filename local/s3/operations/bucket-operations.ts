import { sendEmpty, sendXml, type Exchange } from '../protocol/exchange';
import { decodeToken, encodeToken, listKeys, type ListingPosition } from '../storage/listing';
import { versionElements } from './object-operations';
import type { StoredObject } from '../storage/object-store';
import { parameter, type S3Request } from '../protocol/request';
import { S3Error } from '../s3-error';
import { encodePath } from '../../aws/uri-encoding';
import { element, textElement, xmlDocument } from '../protocol/xml';

const MAX_KEYS = 1000;
/** The one region whose CreateBucket succeeds when the bucket is there already (S3 API reference, CreateBucket). */
const REGION_WITH_REPEATABLE_CREATE = 'us-east-1';

export async function listBuckets(exchange: Exchange): Promise<void> {
  const buckets = exchange.store
    .listBuckets()
    .map(({ name, createdAt }) =>
      element('Bucket', textElement('Name', name), textElement('CreationDate', new Date(createdAt).toISOString())),
    );
  sendXml(exchange, xmlDocument('ListAllMyBucketsResult', element('Buckets', ...buckets)));
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
  sendXml(exchange, xmlDocument('LocationConstraint', exchange.region === 'us-east-1' ? '' : exchange.region));
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
  sendXml(
    exchange,
    xmlDocument(
      'ListBucketResult',
      textElement('Name', request.bucket),
      textElement('Prefix', name(prefix)),
      textElement('KeyCount', listing.contents.length + listing.commonPrefixes.length),
      textElement('MaxKeys', maxKeys),
      ...(delimiter === '' ? [] : [textElement('Delimiter', name(delimiter))]),
      ...(startAfter === '' ? [] : [textElement('StartAfter', name(startAfter))]),
      ...(encodes ? [textElement('EncodingType', 'url')] : []),
      ...(token === undefined ? [] : [textElement('ContinuationToken', token)]),
      textElement('IsTruncated', listing.next !== undefined),
      ...(listing.next ? [textElement('NextContinuationToken', encodeToken(listing.next))] : []),
      ...listing.contents.map((object) => contentElement(object, name)),
      ...listing.commonPrefixes.map((commonPrefix) =>
        element('CommonPrefixes', textElement('Prefix', name(commonPrefix))),
      ),
    ),
  );
}

function contentElement(object: StoredObject, name: (text: string) => string): string {
  return element(
    'Contents',
    textElement('Key', name(object.key)),
    ...versionElements(object),
    ...(object.checksum
      ? [textElement('ChecksumAlgorithm', object.checksum.algorithm), textElement('ChecksumType', object.checksum.type)]
      : []),
    textElement('Size', object.size),
    textElement('StorageClass', 'STANDARD'),
  );
}

function maxKeysOf(request: S3Request): number {
  const text = parameter(request, 'max-keys') ?? '';
  const value = text === '' ? MAX_KEYS : Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new S3Error('InvalidArgument', 'max-keys must be an integer of at least 0.');
  return Math.min(value, MAX_KEYS);
}
