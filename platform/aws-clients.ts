import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { Config } from './config';

/**
 * Clients of AWS, with credentials from the SDK's own chain. Where `AWS_ENDPOINT_URL_*` is set they speak to that
 * endpoint instead, with the bucket in the path, since a bucket has no host name of its own below such an endpoint.
 */
export const createSageMakerClient = ({ region }: Config): SageMakerClient =>
  new SageMakerClient({ region, maxAttempts: 3 });

export const createLogsClient = ({ region }: Config): CloudWatchLogsClient =>
  new CloudWatchLogsClient({ region, maxAttempts: 3 });

export const createS3Client = ({ region, s3Endpoint }: Config): S3Client =>
  new S3Client({ region, maxAttempts: 3, forcePathStyle: s3Endpoint !== null });

/** Signs links that browsers open: public endpoint, and no checksum of a body that is not there yet. */
export const createSigningClient = ({ region, publicS3Endpoint }: Config): S3Client =>
  new S3Client({
    region,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    ...(publicS3Endpoint === null ? {} : { endpoint: publicS3Endpoint, forcePathStyle: true }),
  });
