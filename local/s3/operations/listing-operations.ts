import { encodePath } from '../../aws/uri-encoding';
import { sendXml, type Exchange } from '../protocol/exchange';
import { pageSize, parameter, type S3Request } from '../protocol/request';
import type { XmlFields } from '../protocol/xml';
import { S3Error } from '../s3-error';
import { decodeToken, encodeToken, listKeys, type Listing, type ListingPosition } from '../storage/listing';
import type { StoredObject } from '../storage/object-store';
import { versionElements } from './object-operations';
import { OWNER } from './owner';

/** Version 1, by which s3cmd, rclone (provider Other), Cyberduck and other older clients list. */
export async function listObjects(exchange: Exchange): Promise<void> {
  const { request } = exchange;
  const query = listingQuery(request);
  const marker = parameter(request, 'marker') ?? '';
  const listing = page(exchange, query, marker === '' ? undefined : { afterKey: marker });
  sendXml(
    exchange,
    'ListBucketResult',
    {
      Name: request.bucket,
      Prefix: query.name(query.prefix),
      Marker: query.name(marker),
      // Without a delimiter S3 leaves it out, and the last key is the next marker.
      NextMarker: listing.next && query.delimiter !== '' ? query.name(positionText(listing.next)) : undefined,
      MaxKeys: query.maxKeys,
      ...listingElements(listing, query, true),
    },
    { 'x-amz-bucket-region': exchange.region },
  );
}

export async function listObjectsV2(exchange: Exchange): Promise<void> {
  const { request } = exchange;
  if (parameter(request, 'list-type') !== '2') throw new S3Error('InvalidArgument', 'list-type must be 2.');
  const query = listingQuery(request);
  const startAfter = parameter(request, 'start-after') ?? '';
  const token = parameter(request, 'continuation-token');
  const from = token ? decodeToken(token) : startAfter !== '' ? { afterKey: startAfter } : undefined;
  const listing = page(exchange, query, from);
  sendXml(
    exchange,
    'ListBucketResult',
    {
      Name: request.bucket,
      Prefix: query.name(query.prefix),
      KeyCount: listing.contents.length + listing.commonPrefixes.length,
      MaxKeys: query.maxKeys,
      StartAfter: startAfter === '' ? undefined : query.name(startAfter),
      ContinuationToken: token,
      NextContinuationToken: listing.next && encodeToken(listing.next),
      ...listingElements(listing, query, parameter(request, 'fetch-owner') === 'true'),
    },
    { 'x-amz-bucket-region': exchange.region },
  );
}

/** What both versions ask in the same words. */
interface ListingQuery {
  prefix: string;
  delimiter: string;
  maxKeys: number;
  encoding: 'url' | undefined;
  /** A key or prefix as the answer writes it. */
  name: (text: string) => string;
}

/** @throws {S3Error} InvalidArgument */
function listingQuery(request: S3Request): ListingQuery {
  const encoding = parameter(request, 'encoding-type');
  if (encoding !== undefined && encoding !== 'url')
    throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request: encoding-type must be url.');
  return {
    prefix: parameter(request, 'prefix') ?? '',
    delimiter: parameter(request, 'delimiter') ?? '',
    maxKeys: pageSize(request, 'max-keys', 0),
    encoding,
    name: encoding === 'url' ? encodePath : (text) => text,
  };
}

function page(
  { request, store }: Exchange,
  { prefix, delimiter, maxKeys }: ListingQuery,
  from: ListingPosition | undefined,
): Listing<StoredObject> {
  return listKeys(store.bucket(request.bucket).objects, { prefix, delimiter, maxKeys, from });
}

function listingElements(listing: Listing<StoredObject>, query: ListingQuery, showsOwner: boolean): XmlFields {
  const { delimiter, encoding, name } = query;
  return {
    Delimiter: delimiter === '' ? undefined : name(delimiter),
    EncodingType: encoding,
    IsTruncated: listing.next !== undefined,
    Contents: listing.contents.map((object) => ({
      Key: name(object.key),
      ...versionElements(object),
      ChecksumAlgorithm: object.checksum?.algorithm,
      ChecksumType: object.checksum?.type,
      Size: object.size,
      ...(showsOwner ? { Owner: OWNER } : {}),
      StorageClass: 'STANDARD',
    })),
    CommonPrefixes: listing.commonPrefixes.map((commonPrefix) => ({ Prefix: name(commonPrefix) })),
  };
}

function positionText(position: ListingPosition): string {
  return 'afterKey' in position ? position.afterKey : position.afterPrefix;
}
