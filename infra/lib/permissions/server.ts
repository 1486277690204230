import { layout } from '../../../contracts/storage/layout';
import { eventsLogGroup } from '../foundation/events';
import {
  arn,
  KEPT_PREFIXES,
  listsBucket,
  objects,
  readsInputBuckets,
  readsMachineLogs,
  usesKeyThroughS3,
  type Allowed,
  type Place,
} from './statement';

/** What the server's own code asks AWS for, and what the links that it signs carry. */
export function serverStatements(place: Place): Allowed[] {
  return [
    {
      sid: 'ReadObjects',
      actions: ['s3:GetObject'],
      resources: objects(place, KEPT_PREFIXES),
    },
    {
      sid: 'WriteObjects',
      actions: ['s3:PutObject'],
      resources: objects(place, KEPT_PREFIXES),
    },
    {
      sid: 'DeleteObjects',
      actions: ['s3:DeleteObject'],
      resources: objects(place, [layout.uploadsPrefix, layout.registryPrefix, layout.webhooksPrefix]),
    },
    {
      sid: 'UploadsInParts',
      actions: ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      resources: objects(place, [layout.uploadsPrefix]),
    },
    listsBucket(place),
    { sid: 'ListUploads', actions: ['s3:ListBucketMultipartUploads'], resources: [place.bucketArn] },
    usesKeyThroughS3(place),
    ...readsInputBuckets(place),
    ...readsMachineLogs(place),
    {
      sid: 'FindReturnedMails',
      actions: ['logs:FilterLogEvents'],
      resources: [arn('logs', place.cell, `log-group:${eventsLogGroup(place.cell)}:*`)],
    },
  ];
}
