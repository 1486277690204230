import { ApiError } from '../api-error';
import type { JobKind } from '../jobs/job-kind';

/** Instances of a type that may be in use at once, by kind of job. A type that is not named is not limited. */
export type Quotas = { readonly [K in JobKind]?: Record<string, number> | undefined };

/** Throws ResourceLimitExceeded, in AWS's words, when one more job would exceed the quota. */
export function checkQuota(quotas: Quotas, kind: JobKind, instanceType: string, inUse: number): void {
  const limit = quotas[kind]?.[instanceType];
  if (limit === undefined || inUse < limit) return;
  throw new ApiError(
    'ResourceLimitExceeded',
    `The account-level service limit '${instanceType} for ${kind} job usage' is ${limit} Instances, ` +
      `with current utilization of ${inUse} Instances and a request delta of 1 Instances. ` +
      'Please use AWS Service Quotas to request an increase for this quota. ' +
      'If AWS Service Quotas is not available, contact AWS support to request an increase for this quota.',
  );
}
