import { ApplicationFailure } from '@temporalio/common';
import { saysDiskFull } from '../contracts/machines/disk-full';
import type { FailureCode } from '../contracts/job/failures';

const CODE: FailureCode = 'DISK_FULL';
const INSUFFICIENT_STORAGE = 507; // RFC 4918, section 11.5

/** Whether S3 or SageMaker, which on one machine have its disk, could not do a call for want of space. */
function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return status === INSUFFICIENT_STORAGE || saysDiskFull(error.message) || isDiskFull(error.cause);
}

/**
 * Runs an activity. Where the disk of this machine is full its error says so by code, for the job's page; it is tried
 * again like every outage, so that the job continues by itself once there is space.
 */
export async function namingFullDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApplicationFailure || !isDiskFull(error)) throw error;
    throw ApplicationFailure.create({
      type: CODE,
      message: 'the disk of this machine is full',
      cause: error as Error,
      nonRetryable: false,
    });
  }
}
