import type { JobChoice } from '../command';
import type { StartRequest } from '../server/spaceport-api';
import { UsageError } from '../usage-error';

export interface DescribedJob extends JobChoice {
  readonly jobName: string | null;
  readonly options: Readonly<Record<string, number>>;
}

/**
 * What a start request says beside where the photos are. Throws UsageError where nobody would be told of the end.
 *
 * @param email of the profile
 */
export function jobRequest(
  { preset, terms, options, jobName, email: given }: DescribedJob,
  email: string | null,
): Omit<StartRequest, 's3Url' | 'uploadId'> {
  const to = given ?? email;
  if (to === null) throw new UsageError('--email A is needed: who is told when the job has ended');
  return {
    email: to,
    preset,
    ...terms,
    // Which options there are the server knows, and says so.
    ...(Object.keys(options).length > 0 && { options }),
    ...(jobName !== null && { name: jobName }),
  };
}
