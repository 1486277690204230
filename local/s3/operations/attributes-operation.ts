import { sendXml, type Exchange } from '../protocol/exchange';
import { header, type S3Request } from '../protocol/request';
import type { XmlFields } from '../protocol/xml';
import { S3Error } from '../s3-error';
import { partsOf } from '../storage/object-parts';
import type { StoredObject } from '../storage/object-store';
import { checksumElements } from './object-operations';

const MAX_PART_NUMBER = 10_000;
const MAX_PARTS_OF_A_PAGE = 1000;

/** The elements of the answer, by the names that a request asks for them with. */
const ATTRIBUTES: Record<string, (object: StoredObject, request: S3Request) => XmlFields> = {
  ETag: ({ etag }) => ({ ETag: etag }),
  Checksum: ({ checksum }) => (checksum ? { Checksum: checksumElements(checksum) } : {}),
  ObjectParts: (object, request) => objectParts(object, request),
  StorageClass: () => ({ StorageClass: 'STANDARD' }),
  ObjectSize: ({ size }) => ({ ObjectSize: size }),
};

export async function getObjectAttributes(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  const names = (header(request, 'x-amz-object-attributes') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0 || names.some((name) => !Object.hasOwn(ATTRIBUTES, name)))
    throw new S3Error(
      'InvalidArgument',
      `x-amz-object-attributes must name one or more of ${Object.keys(ATTRIBUTES).join(', ')}.`,
    );
  const object = store.object(request.bucket, request.key);
  const wanted = Object.entries(ATTRIBUTES).filter(([name]) => names.includes(name));
  sendXml(
    exchange,
    'GetObjectAttributesResponse',
    Object.assign({}, ...wanted.map(([, elements]) => elements(object, request))) as XmlFields,
    { 'last-modified': new Date(object.lastModified).toUTCString() },
  );
}

/** A page of the parts; nothing for an object that was not uploaded in parts. */
function objectParts(object: StoredObject, request: S3Request): XmlFields {
  const parts = partsOf(object);
  if (!parts) return {};
  const marker = integerHeader(request, 'x-amz-part-number-marker', 0);
  const maxParts = Math.min(integerHeader(request, 'x-amz-max-parts', MAX_PARTS_OF_A_PAGE), MAX_PARTS_OF_A_PAGE);
  const following = parts.filter(({ number }) => number > marker);
  const page = following.slice(0, maxParts);
  return {
    ObjectParts: {
      PartsCount: parts.length,
      PartNumberMarker: marker,
      NextPartNumberMarker: page.at(-1)?.number ?? marker,
      MaxParts: maxParts,
      IsTruncated: page.length < following.length,
      Part: page.map(({ number, size, checksum }) => ({
        PartNumber: number,
        Size: size,
        ...(checksum ? { [`Checksum${checksum.algorithm}`]: checksum.value } : {}),
      })),
    },
  };
}

function integerHeader(request: S3Request, name: string, fallback: number): number {
  const text = header(request, name);
  if (text === undefined || text === '') return fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value >= 0 && (name !== 'x-amz-part-number-marker' || value <= MAX_PART_NUMBER)))
    throw new S3Error('InvalidArgument', `${name} must be an integer of at least 0.`);
  return value;
}
