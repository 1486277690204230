import * as buckets from './bucket-operations';
import type { Operation } from '../protocol/exchange';
import * as multipart from './multipart-operations';
import * as objects from './object-operations';
import { header, parameter, type S3Request } from '../protocol/request';
import { S3Error } from '../s3-error';

/** Every operation that is served, by S3's name for it. */
export const OPERATIONS = {
  ListBuckets: buckets.listBuckets,
  CreateBucket: buckets.createBucket,
  HeadBucket: buckets.headBucket,
  DeleteBucket: buckets.deleteBucket,
  GetBucketLocation: buckets.getBucketLocation,
  ListObjectsV2: buckets.listObjectsV2,
  ListMultipartUploads: multipart.listMultipartUploads,
  DeleteObjects: objects.deleteObjects,
  PutObject: objects.putObject,
  GetObject: objects.getObject,
  HeadObject: objects.headObject,
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
  'GET list-type': 'ListObjectsV2',
  'GET location': 'GetBucketLocation',
  'GET uploads': 'ListMultipartUploads',
  'POST delete': 'DeleteObjects',
};

const OBJECT_ROUTES: Record<string, OperationName> = {
  'PUT ': 'PutObject',
  'GET ': 'GetObject',
  'HEAD ': 'HeadObject',
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
  'acl',
  'analytics',
  'attributes',
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
  'versioning',
  'versions',
  'website',
];

/** Headers that change what an operation means and are not served; ignoring them would store what nobody asked for. */
const UNSERVED_HEADERS = [
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-copy-source-server-side-encryption-customer-algorithm',
  'x-amz-write-offset-bytes',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-legal-hold',
  'x-amz-tagging',
];

/** @throws {S3Error} NotImplemented, MethodNotAllowed */
export function operationOf(request: S3Request): OperationName {
  const names = new Set(request.query.map(([name]) => name));
  const unservedHeader = UNSERVED_HEADERS.find((name) => header(request, name) !== undefined);
  if (unservedHeader) throw new S3Error('NotImplemented', `The header ${unservedHeader} is not implemented here.`);
  const served = ['list-type', 'location', 'uploads', 'uploadId', 'delete'].find((name) => names.has(name)) ?? '';
  const unserved = UNSERVED_SUBRESOURCES.find(
    (name) => names.has(name) && !(name === 'partNumber' && served === 'uploadId'),
  );
  if (unserved) throw new S3Error('NotImplemented', `The subresource ?${unserved} is not implemented here.`);

  if (request.bucket === '') {
    if (request.method !== 'GET' || served !== '') throw new S3Error('MethodNotAllowed');
    return 'ListBuckets';
  }
  if (request.key === '' && request.method === 'GET' && served === '')
    throw new S3Error('NotImplemented', 'List objects with list-type=2.');
  if (parameter(request, 'list-type') !== undefined && parameter(request, 'list-type') !== '2')
    throw new S3Error('InvalidArgument', 'list-type must be 2.');
  const operation = (request.key === '' ? BUCKET_ROUTES : OBJECT_ROUTES)[`${request.method} ${served}`];
  if (!operation) throw new S3Error('MethodNotAllowed');
  if (header(request, 'x-amz-copy-source') === undefined) return operation;
  return operation === 'PutObject' ? 'CopyObject' : operation === 'UploadPart' ? 'UploadPartCopy' : operation;
}
