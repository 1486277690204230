/**
 * The process that answers for one job: `node supervisor.js <job folder>`. The endpoint starts it detached, in a
 * session of its own, so that the job continues when the endpoint dies.
 *
 * SIGUSR2: a Stop call was accepted, look at stop.json. SIGTERM, SIGINT: end the job now as a platform error.
 * The S3 client takes endpoint, region and credentials from the usual AWS_ variables; buckets are in the path, since a
 * bucket has no host name of its own below an endpoint that is not AWS's.
 */
import { S3Client } from '@aws-sdk/client-s3';
import { loggerOnStderr } from '../../../platform/logger';
import { JobFolder } from './job-folder';
import { identifyProcess } from '../../process-identity';
import { SupervisedJob } from './supervised-job';

/** Enough for a restart of the S3 endpoint of some ten seconds; an upload that gives up earlier leaves its parts. */
const S3_ATTEMPTS = 8;

/** SIGUSR2 makes a stop quick, polling makes it certain. */
const STOP_POLL_MS = 2_000;

const { logger, settled } = loggerOnStderr({ name: 'supervisor' });

async function main(): Promise<void> {
  const [, , location] = process.argv;
  const identity = await identifyProcess(process.pid);
  if (location === undefined || identity === undefined) throw new Error('usage: supervisor <job folder>');
  const folder = new JobFolder(location);
  const [record, state] = await Promise.all([folder.read('record'), folder.read('state')]);
  const complain = (error: unknown): void => logger.error({ err: error }, 'internal error');
  const job = new SupervisedJob(
    folder,
    record,
    state,
    new S3Client({ forcePathStyle: true, maxAttempts: S3_ATTEMPTS }),
    complain,
  );
  const checkStop = (): void => void job.checkStop().catch(complain);
  process.on('SIGUSR2', checkStop);
  process.on('SIGTERM', () => job.shutdown());
  process.on('SIGINT', () => job.shutdown());
  // Only the holder of the claim runs the job. The endpoint claims a job when it believes that none has started.
  if (!(await folder.claim({ supervisor: identity }))) return;
  // A Stop accepted before the claim had nobody to signal.
  await job.checkStop();
  const poll = setInterval(checkStop, STOP_POLL_MS);
  await job.run();
  clearInterval(poll);
}

void main()
  .then(
    () => 0,
    (error: unknown) => {
      logger.fatal({ err: error }, 'the supervisor ends');
      return 1;
    },
  )
  // Open connections to S3 would keep the process for a while.
  .then((status) => settled().finally(() => process.exit(status)));
