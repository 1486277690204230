import { isFinal } from '../../contracts/job/state';
import type { JobView } from '../../contracts/job/view';
import { followJob, type FollowedJob } from '../server/follow-job';
import type { SpaceportApi } from '../server/spaceport-api';
import { ProgressDisplay } from '../text/progress';

/**
 * Shows on stderr what a job does until it has ended, and tells a person when it needs one; a program is not kept
 * waiting for that person.
 */
export async function watchJob(
  api: SpaceportApi,
  jobId: string,
  say: (line: string) => void,
  signal: AbortSignal,
  { forProgram = false } = {},
): Promise<JobView> {
  const display = new ProgressDisplay(process.stderr);
  let told: string | null = null;
  try {
    return await followJob(
      api,
      jobId,
      (job) => {
        if (!isFinal(job.state)) display.update(job);
        const news = needsPerson(job);
        if (news !== null && news !== told) {
          display.clear();
          say(news);
        }
        told = news;
      },
      signal,
      (job) => forProgram && needsPerson(job) !== null,
    );
  } finally {
    display.clear();
  }
}

/** What a person is told when the job needs an answer to continue; null while it does not. */
function needsPerson({ jobId, state, failure, parkedUntil, waiting }: FollowedJob): string | null {
  if (state === 'parked')
    return `
The job has failed and waits for a retry until ${parkedUntil}: ${failure?.code}: ${failure?.message}
What to do: ${failure?.advice}
Then: npm run spaceport -- retry ${jobId}
`;
  if (waiting?.for === 'decision')
    return `
The job asks, and waits for an answer until ${waiting.until}: ${waiting.message}
To continue: npm run spaceport -- accept ${jobId}
To end it: npm run spaceport -- cancel ${jobId}
`;
  return null;
}
