import type { Policy } from '../../contracts/job/policy';
import type { JobRecord } from '../../contracts/job/record';

/** Input of the workflow `pipeline`, whose id is `job-<jobId>`. */
export interface PipelineInput {
  readonly deployment: string;
  /** A new job's record, or the last one of an ended run that a retry resumes from. */
  readonly record: JobRecord;
  readonly policy: Policy;
  /** Base of the links in pages and mails, without a slash at the end. */
  readonly publicUrl: string;
}
