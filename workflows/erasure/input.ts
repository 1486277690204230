import type { Policy } from '../../contracts/job/policy';
import type { S3Location } from '../../contracts/storage/location';

/** Input of the workflow `erasure`, whose id is `erase-<jobId>`: it deletes what an ended job has left. */
export interface ErasureInput {
  readonly deployment: string;
  readonly policy: Policy;
  readonly jobId: string;
  /** Where its photos came from: deleted too where they were uploaded to us. */
  readonly location: S3Location;
}
