import type { Writable } from 'node:stream';
import { sendEmpty, sendXml, type Exchange, type ResponseHeaders } from '../protocol/exchange';
import { header, headerText, type S3Request } from '../protocol/request';
import { receiveBody, receiveDocument, type ReceivedBody } from '../protocol/request-body';
import { decodeUri } from '../protocol/uri-decoding';
import { childElements, childText, parseXml, type XmlElement, type XmlFields } from '../protocol/xml';
import { S3Error } from '../s3-error';
import { checksumElement, checksumHeader, parseAlgorithm, type Checksum } from '../storage/checksums';
import type { StoredObject } from '../storage/object-store';
import { attributesOf } from './object-attributes';
import {
  deletionConditions,
  isNotModified,
  readConditions,
  requireDeletable,
  requireWritable,
  writeConditions,
  type DeletionConditions,
  type Version,
} from './preconditions';

const MAX_DELETE_KEYS = 1000;

export async function putObject(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  const { bucket, key } = request;
  const attributes = attributesOf(request);
  const conditions = writeConditions(request);
  // Before the body is sent; decided again when it is in
  requireWritable(store.bucket(bucket).objects.get(key), conditions);
  const { blob, received } = await receiveBlob(exchange, (sink) => receiveBody(exchange, sink));
  const object: StoredObject = {
    ...attributes,
    key,
    size: received.size,
    etag: received.md5.toString('hex'),
    lastModified: Date.now(),
    segments: [{ blob, size: received.size }],
    checksum: received.checksum,
  };
  await store.putObject(bucket, object, (existing) => requireWritable(existing, conditions));
  sendEmpty(exchange, 200, { etag: `"${object.etag}"`, ...checksumHeaders(object.checksum) });
}

export async function deleteObject(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  const conditions = deletionConditions(request);
  await store.deleteObject(request.bucket, request.key, (existing) => requireDeletable(existing, conditions));
  sendEmpty(exchange, 204);
}

/** Each object is deleted or refused by itself; the answer is a success that lists both. */
export async function deleteObjects(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  store.bucket(request.bucket);
  const document = parseXml(await receiveDocument(exchange), 'Delete');
  const chosen = childElements(document, 'Object').map((object) => ({ object, key: childText(object, 'Key') ?? '' }));
  if (chosen.length === 0 || chosen.length > MAX_DELETE_KEYS || chosen.some(({ key }) => key === ''))
    throw new S3Error('MalformedXML');
  const deleted: XmlFields[] = [];
  const refused: XmlFields[] = [];
  for (const { object, key } of chosen) {
    try {
      await deleteChosen(exchange, object, key);
      deleted.push({ Key: key });
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      refused.push({ Key: key, Code: error.code, Message: error.message });
    }
  }
  const quiet = childText(document, 'Quiet') === 'true';
  sendXml(exchange, 'DeleteResult', { Deleted: quiet ? [] : deleted, Error: refused });
}

async function deleteChosen({ request, store }: Exchange, object: XmlElement, key: string): Promise<void> {
  const versionId = childText(object, 'VersionId') ?? '';
  // Without versioning the one version of an object is called null.
  if (versionId !== '' && versionId !== 'null') throw new S3Error('NoSuchVersion');
  const conditions: DeletionConditions = {
    ifMatch: childText(object, 'ETag'),
    lastModified: childText(object, 'LastModifiedTime'),
    size: childText(object, 'Size'),
  };
  await store.deleteObject(request.bucket, key, (existing) => requireDeletable(existing, conditions));
}

export async function copyObject(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  const source = copySource(exchange);
  const replaceAttributes = header(request, 'x-amz-metadata-directive') === 'REPLACE';
  if (source.object.key === request.key && source.bucket === request.bucket && !replaceAttributes) {
    throw new S3Error(
      'InvalidRequest',
      'This copy request is illegal because it is trying to copy an object to itself without changing its metadata.',
    );
  }
  const { uploadId, ...original } = source.object;
  const copied = await store.blobs.whileReading(original.segments, () => store.blobs.duplicate(original.segments));
  const object: StoredObject = {
    ...original,
    ...(replaceAttributes ? attributesOf(request) : {}),
    key: request.key,
    lastModified: Date.now(),
    segments: copied,
  };
  const conditions = writeConditions(request);
  await store.putObject(request.bucket, object, (existing) => requireWritable(existing, conditions));
  sendXml(exchange, 'CopyObjectResult', { ...versionElements(object), ...checksumElements(object.checksum) });
}

/** The object that x-amz-copy-source names, when the copy's conditions on it hold. */
export function copySource({ request, store }: Exchange): { bucket: string; object: StoredObject } {
  const source = headerText(request, 'x-amz-copy-source') ?? '';
  if (source.includes('?')) throw new S3Error('NotImplemented', 'Versions are not implemented.');
  const [, bucket, key] = /^\/?([^/]+)\/(.+)$/s.exec(decodeUri(source)) ?? [];
  if (!bucket || !key) throw new S3Error('InvalidArgument', 'x-amz-copy-source must be <bucket>/<key>.');
  const object = store.object(bucket, key);
  if (isNotModified(object, readConditions(request, 'x-amz-copy-source-'))) throw new S3Error('PreconditionFailed');
  return { bucket, object };
}

/** Writes a new blob with what `fill` puts into it; the blob is removed when that fails. */
export async function receiveBlob(
  { store }: Exchange,
  fill: (sink: Writable) => Promise<ReceivedBody>,
): Promise<{ blob: string; received: ReceivedBody }> {
  const { blob, sink } = await store.blobs.create();
  try {
    return { blob, received: await fill(sink) };
  } catch (error) {
    await store.blobs.discard([{ blob }]);
    throw error;
  }
}

export function versionElements({ etag, lastModified }: Version): XmlFields {
  return { LastModified: new Date(lastModified).toISOString(), ETag: `"${etag}"` };
}

export function checksumElements(checksum: Checksum | undefined): XmlFields {
  return checksum ? { [checksumElement(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type } : {};
}

export function checksumHeaders(checksum: Checksum | undefined): ResponseHeaders {
  return checksum ? { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type } : {};
}

/** The algorithm a client names for parts to come, or undefined. */
export function requestedAlgorithm(request: S3Request): Checksum['algorithm'] | undefined {
  const name = header(request, 'x-amz-checksum-algorithm');
  return name === undefined ? undefined : parseAlgorithm(name);
}
