import { ApplicationFailure } from '@temporalio/common';
import { isDiskFull } from '../contracts/machines/disk-full';
import type { FailureCode } from '../contracts/job/failures';

const CODE: FailureCode = 'DISK_FULL';

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
