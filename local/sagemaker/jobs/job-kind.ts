/** What differs in name only between the two kinds of job that the endpoint runs. */
export const JOB_KINDS = {
  processing: {
    operationNoun: 'ProcessingJob',
    arnSegment: 'processing-job',
    noun: 'processing job',
    logGroup: '/aws/sagemaker/ProcessingJobs',
  },
  training: {
    operationNoun: 'TrainingJob',
    arnSegment: 'training-job',
    noun: 'training job',
    logGroup: '/aws/sagemaker/TrainingJobs',
  },
} as const;

export type JobKind = keyof typeof JOB_KINDS;

/** The account of every ARN here; AWS's own examples use it. */
export const LOCAL_ACCOUNT_ID = '123456789012';

export function jobArn(kind: JobKind, name: string, region: string): string {
  return `arn:aws:sagemaker:${region}:${LOCAL_ACCOUNT_ID}:${JOB_KINDS[kind].arnSegment}/${name}`;
}

/** The kind and name in one of our job ARNs, or undefined for anything else. */
export function parseJobArn(arn: string): { kind: JobKind; name: string } | undefined {
  const match = /^arn:aws:sagemaker:[^:]*:\d{12}:(processing|training)-job\/([A-Za-z0-9-]{1,63})$/.exec(arn);
  const [, kind, name] = match ?? [];
  return kind && name ? { kind: kind as JobKind, name } : undefined;
}
