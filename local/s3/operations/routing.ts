import * as buckets from './bucket-operations';
import * as listings from './listing-operations';
import type { Operation } from '../protocol/exchange';
import * as multipart from './multipart-operations';
import * as objects from './object-operations';
import { getObjectAttributes } from './attributes-operation';
import { getAcl, requireOwnersOnly } from './owner';
import * as reads from './read-operations';
import { header, type S3Request } from '../protocol/request';
import { S3Error } from '../s3-error';

/** Every operation that is served, by S3's name for it. */
export const OPERATIONS = {
  ListBuckets: buckets.listBuckets,
  CreateBucket: buckets.createBucket,
  HeadBucket: buckets.headBucket,
  DeleteBucket: buckets.deleteBucket,
  GetBucketLocation: buckets.getBucketLocation,
  GetBucketAcl: getAcl,
  GetBucketVersioning: buckets.getBucketVersioning,
  ListObjects: listings.listObjects,
  ListObjectsV2: listings.listObjectsV2,
  ListMultipartUploads: multipart.listMultipartUploads,
  DeleteObjects: objects.deleteObjects,
  PutObject: objects.putObject,
  GetObject: reads.getObject,
  HeadObject: reads.headObject,
  GetObjectAttributes: getObjectAttributes,
  GetObjectAcl: getAcl,
  DeleteObject: objects.deleteObject,
  CopyObject: objects.copyObject,
  CreateMultipartUpload: multipart.createMultipartUpload,
  UploadPart: multipart.uploadPart,
  UploadPartCopy: multipart.uploadPartCopy,
  ListParts: multipart.listParts,
  CompleteMultipartUpload: multipart.completeMultipartUpload,
  AbortMultipartUpload: multipart.abortMultipartUpload,
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;

/** By `<method> <subresource>`: a query parameter that selects an operation, '' for none. */
const BUCKET_ROUTES: Record<string, OperationName> = {
  'PUT ': 'CreateBucket',
  'HEAD ': 'HeadBucket',
  'DELETE ': 'DeleteBucket',
  'GET ': 'ListObjects',
  'GET list-type': 'ListObjectsV2',
  'GET location': 'GetBucketLocation',
  'GET acl': 'GetBucketAcl',
  'GET versioning': 'GetBucketVersioning',
  'GET uploads': 'ListMultipartUploads',
  'POST delete': 'DeleteObjects',
};

const OBJECT_ROUTES: Record<string, OperationName> = {
  'PUT ': 'PutObject',
  'GET ': 'GetObject',
  'HEAD ': 'HeadObject',
  'GET attributes': 'GetObjectAttributes',
  'GET acl': 'GetObjectAcl',
  'DELETE ': 'DeleteObject',
  'POST uploads': 'CreateMultipartUpload',
  'PUT uploadId': 'UploadPart',
  'GET uploadId': 'ListParts',
  'POST uploadId': 'CompleteMultipartUpload',
  'DELETE uploadId': 'AbortMultipartUpload',
};

/** Subresources of S3 that are not served; without this list `PUT /bucket?policy` would create a bucket. */
const UNSERVED_SUBRESOURCES = [
  'accelerate',
  'analytics',
  'cors',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'partNumber',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'renameObject',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'session',
  'tagging',
  'torrent',
  'versionId',
  'versions',
  'website',
];

/** Headers that change what an operation means and are not served; ignoring them would store what nobody asked for. */
const UNSERVED_HEADERS = [
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-copy-source-server-side-encryption-customer-algorithm',
  'x-amz-write-offset-bytes',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-legal-hold',
  'x-amz-bucket-object-lock-enabled',
  'x-amz-tagging',
  'x-amz-website-redirect-location',
];

/** Subresources that select an operation where the tables above have one for the method. */
const SERVED_SUBRESOURCES = [
  'list-type',
  'location',
  'uploads',
  'uploadId',
  'delete',
  'attributes',
  'acl',
  'versioning',
];

/** They can be read, and say that there is nothing to set. */
const READ_ONLY_SUBRESOURCES = ['acl', 'versioning'];

/** @throws {S3Error} NotImplemented, MethodNotAllowed, AccessDenied, AccessControlListNotSupported */
export function operationOf(request: S3Request): OperationName {
  const { method, bucket, key } = request;
  const names = new Set(request.query.map(([name]) => name));
  const unservedHeader = UNSERVED_HEADERS.find((name) => (header(request, name) ?? 'false').toLowerCase() !== 'false');
  if (unservedHeader) throw new S3Error('NotImplemented', `The header ${unservedHeader} is not implemented here.`);
  requireOwnersOnly(request);
  const served = SERVED_SUBRESOURCES.find((name) => names.has(name)) ?? '';
  const ofPart = served === 'uploadId' || (served === '' && (method === 'GET' || method === 'HEAD'));
  const unserved = UNSERVED_SUBRESOURCES.find((name) => names.has(name) && !(name === 'partNumber' && ofPart));
  const operation = (key === '' ? BUCKET_ROUTES : OBJECT_ROUTES)[`${method} ${served}`];
  if (unserved !== undefined || (READ_ONLY_SUBRESOURCES.includes(served) && !operation))
    throw new S3Error('NotImplemented', `The subresource ?${unserved ?? served} is not implemented here.`);

  if (bucket === '') {
    if (method !== 'GET' || served !== '') throw new S3Error('MethodNotAllowed');
    return 'ListBuckets';
  }
  if (!operation) throw new S3Error('MethodNotAllowed');
  if (header(request, 'x-amz-copy-source') === undefined) return operation;
  return operation === 'PutObject' ? 'CopyObject' : operation === 'UploadPart' ? 'UploadPartCopy' : operation;
}
