import type { S3Client } from '@aws-sdk/client-s3';
import type { S3Location } from '../../../contracts/storage/location';

/** An archive in S3, and how long it may be read. */
export interface ArchiveSource {
  readonly s3: S3Client;
  readonly archive: S3Location;
  readonly bytes: number;
  readonly signal: AbortSignal;
}
