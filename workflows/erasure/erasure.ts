import { completePolicy } from '../../contracts/job/policy';
import type { ErasureInput } from './input';
import { erasureProxies } from './proxies';

/** What was erased of a job. */
export interface ErasureReport {
  /** Objects deleted where the photos were handed over; null = not ours to delete, or another job uses them. */
  readonly uploadedFiles: number | null;
  /** Objects deleted in the job's folder. */
  readonly jobFiles: number;
}

/**
 * Erases an ended job: the person's address first, with everything else that the record says, and notifications that
 * are still being tried; then every file of the job, then the photos. It continues after a crash where it was, and a
 * second one changes nothing. Fails with JOB_NOT_ENDED while the job's workflow is open.
 */
export async function erasure({ deployment, jobId, location, ...input }: ErasureInput): Promise<ErasureReport> {
  const policy = completePolicy(input.policy);
  const { buryRecord, cancelDeliveries, mayDeletePhotos, deletePhotos, deleteJobFolder } = erasureProxies(
    deployment,
    policy,
  );
  await buryRecord.executeWithOptions({ summary: 'Replace the record by a tombstone' }, [
    { jobId, pollIntervalMs: policy.pollIntervalMs },
  ]);
  await cancelDeliveries.executeWithOptions({ summary: 'End notifications that are still being tried' }, [{ jobId }]);
  const jobFiles = await deleteJobFolder.executeWithOptions({ summary: 'Delete the files of the job' }, [{ jobId }]);
  const photos = { jobId, location };
  const ours = await mayDeletePhotos.executeWithOptions({ summary: 'Look for other jobs of the same photos' }, [
    photos,
  ]);
  const uploadedFiles = ours
    ? await deletePhotos.executeWithOptions({ summary: 'Delete the photos that were handed over' }, [photos])
    : null;
  return { uploadedFiles, jobFiles };
}
