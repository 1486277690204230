import { layout } from '../../contracts/storage/layout';
import { s3Uri, type S3Location } from '../../contracts/storage/location';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';

export interface InputRules {
  /** The deployment's own bucket, with its jobs and uploads. */
  readonly bucket: string;
  readonly inputBuckets: readonly string[];
}

/**
 * Why photos may not come from a place, or null. In our own bucket, jobs' folders, other tenants' uploads and
 * the registry are closed, and so is every folder that holds them.
 */
export function inputProblem(
  { tenant }: Caller,
  location: S3Location,
  { bucket, inputBuckets }: InputRules,
): Problem | null {
  if (!inputBuckets.includes(location.bucket))
    return new Problem(
      'BUCKET_NOT_ALLOWED',
      `photos may come from ${inputBuckets.join(', ')}; ${location.bucket} is not one of them`,
    );
  if (location.bucket !== bucket) return null;
  const own = layout.tenantUploads(tenant);
  if (location.key.startsWith(own)) return null;
  const closed = [layout.jobsPrefix, layout.uploadsPrefix, layout.registryPrefix].find(
    (prefix) => location.key.startsWith(prefix) || prefix.startsWith(location.key),
  );
  if (closed === undefined) return null;
  return new Problem(
    'INPUT_FORBIDDEN',
    `${s3Uri(location)} holds results, uploads or keys of others; put your photos into a folder of their own, ` +
      `for example s3://${bucket}/${own}my-flight/`,
  );
}
