import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { cancellationSignal } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { withoutJob } from '../../contracts/batch/record';
import { JOB_ID_PATTERN, workflowId } from '../../contracts/machines/names';
import { layout, uploadAt } from '../../contracts/storage/layout';
import { isArchive, type S3Location } from '../../contracts/storage/location';
import { STAGE } from '../../contracts/stages/stages';
import { tombstone } from '../../contracts/storage/retention';
import { describeRun } from '../../platform/job-run';
import type { BatchStore } from '../../platform/batch-store';
import { removeUpload } from '../../platform/uploads/upload-removal';
import { deleteFolder, deleteKeys, type BucketDeps } from '../../platform/s3-objects';
import type { RecordStore, StoredRecord } from '../../platform/record-store';
import { notYet, unsuccessful } from '../application-failures';
import { requestStop } from '../machines/described-machine-job';
import { NEW_WALK, walkRecords } from './record-walk';
import { settleAttempts } from '../machines/settled-attempts';

export interface ErasureDeps extends BucketDeps {
  readonly records: RecordStore;
  readonly batches: Pick<BatchStore, 'change'>;
  readonly sagemaker: SageMakerClient;
  readonly client: Client;
}

/** A job's photos as they were handed over. */
export interface PhotosOfJob {
  readonly jobId: string;
  readonly location: S3Location;
}

/** Deletes the files of an ended job; each activity is safe to repeat. */
export interface ErasureActivities {
  /**
   * Puts a tombstone in the record's place, and takes out of its batch what was asked for. Machines of the job that still run are stopped and waited for first, since
   * they would write again. Throws JOB_NOT_ENDED, not retried, while a run of its workflow is open.
   */
  buryRecord(job: { readonly jobId: string; readonly pollIntervalMs: number }): Promise<void>;
  /** Whether the photos may be deleted: they were handed over to us, and no other job has its photos there. */
  mayDeletePhotos(photos: PhotosOfJob): Promise<boolean>;
  /** Deletes photos that were handed over, an upload with its manifest; returns how many objects that were. */
  deletePhotos(photos: PhotosOfJob): Promise<number>;
  /** Deletes everything in the job's folder but the tombstone; returns how many objects that were. */
  deleteJobFolder(job: { readonly jobId: string }): Promise<number>;
}

export function createErasureActivities(deps: ErasureDeps): ErasureActivities {
  const { records, batches, sagemaker, client, bucket } = deps;

  return {
    async buryRecord({ jobId, pollIntervalMs }) {
      const abortSignal = cancellationSignal();
      const stored = await records.read(jobId, abortSignal);
      if (stored === null || stored.record.erasedAtMs !== null) return;
      if ((await describeRun(client, workflowId(jobId)))?.status === 'RUNNING')
        throw unsuccessful('JOB_NOT_ENDED', `the workflow of job ${jobId} is open: cancel the job first`);
      const settlement = await settleAttempts(sagemaker, stored.record.attempts, abortSignal);
      if (!settlement.settled) {
        for (const { stage, jobName } of settlement.running)
          await requestStop(sagemaker, STAGE[stage].kind, jobName, abortSignal);
        throw notYet('STILL_RUNNING', `a machine of job ${jobId} still runs; it was told to stop`, pollIntervalMs);
      }
      const { batch } = stored.record.request;
      if (batch !== null) await batches.change(batch.id, (whole) => withoutJob(whole, jobId), abortSignal);
      const buried = tombstone({ ...stored.record, attempts: settlement.attempts }, Date.now());
      if ((await records.replace(stored, buried, abortSignal)) === null)
        throw new Error(`the record of job ${jobId} has changed meanwhile`);
    },

    async mayDeletePhotos({ jobId, location }) {
      if (location.bucket !== bucket || !isUpload(location)) return false;
      const usesThem = async ({ record }: StoredRecord): Promise<boolean> => {
        const other = record.request.location;
        return (
          record.jobId !== jobId &&
          other.bucket === bucket &&
          (other.key.startsWith(location.key) || location.key.startsWith(other.key))
        );
      };
      // Each try begins a new walk: records that an earlier one could not read are read again.
      const others = await walkRecords(records, usesThem, NEW_WALK);
      if (others.leftAlone > 0)
        throw new Error(
          `${others.leftAlone} records could not be read, so that it is not known who else uses the photos`,
        );
      return others.changed === 0;
    },

    async deletePhotos({ location }) {
      if (location.bucket !== bucket || !isUpload(location))
        throw new RangeError('not photos that were handed over to us');
      const upload = uploadAt(location.key);
      if (upload !== null) return removeUpload(deps, upload.tenant, upload.uploadId, cancellationSignal());
      if (!isArchive(location)) return deleteFolder(deps, location.key, cancellationSignal());
      await deleteKeys(deps, [location.key], cancellationSignal());
      return 1;
    },

    async deleteJobFolder({ jobId }) {
      if (!JOB_ID_PATTERN.test(jobId)) throw new RangeError(`not a job id: ${jobId}`);
      return deleteFolder(deps, layout.jobFolder(jobId), cancellationSignal(), [layout.record(jobId)]);
    },
  };
}

/** A place within `uploads/<tenant>/`, but not that folder as a whole: it holds the tenant's other photos too. */
const isUpload = ({ key }: S3Location): boolean =>
  key.startsWith(layout.uploadsPrefix) && /^[^/]+\/[^/]+\/[^/]+/.test(key);
