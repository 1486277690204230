/** The kinds of job that the endpoint runs, with AWS's word for each in the names of operations and members. */
export const JOB_NOUNS = { processing: 'ProcessingJob', training: 'TrainingJob' } as const;

export type JobKind = keyof typeof JOB_NOUNS;
export const JOB_KINDS = Object.keys(JOB_NOUNS) as JobKind[];

/** The account of every ARN here; AWS's own examples use it. */
export const LOCAL_ACCOUNT_ID = '123456789012';

export function jobArn(kind: JobKind, name: string, region: string): string {
  return `arn:aws:sagemaker:${region}:${LOCAL_ACCOUNT_ID}:${kind}-job/${name}`;
}

/** The kind and name in one of our job ARNs, or undefined for anything else. */
export function parseJobArn(arn: string): { kind: JobKind; name: string } | undefined {
  const match = /^arn:aws:sagemaker:[^:]*:\d{12}:(processing|training)-job\/([A-Za-z0-9-]{1,63})$/.exec(arn);
  const [, kind, name] = match ?? [];
  return kind && name ? { kind: kind as JobKind, name } : undefined;
}
