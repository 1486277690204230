import { afterChange, otherVersion, refusal } from '../../../contracts/job/commands';
import type { JobRecord } from '../../../contracts/job/record';
import { changePayload, hasSettings, settingsOf, type JobSettings } from '../../../contracts/messages/settings';
import type { Logger } from '../../../platform/logger';
import type { RecordStore } from '../../../platform/record-store';
import { reached } from '../../http/availability';
import type { Caller } from '../../http/context';
import { Problem } from '../../http/problem';
import type { JobIndex } from '../../storage/jobs/job-index';
import type { JobLookup } from '../lookup';
import { requestDigest } from '../start';
import { throwRefusal } from '../messages';
import type { JobRuns } from '../runs';
import { meansSettings } from './job-version';

/**
 * Changes settings of a job. Resolves with `kept` where no worker answers: the change is safe, and made as soon as one
 * does. Throws Problem.
 * @param ifMatch null = whatever settings the job has
 */
export type ChangeJob = (
  caller: Caller,
  jobId: string,
  to: Partial<JobSettings>,
  ifMatch: string | null,
) => Promise<'done' | 'kept'>;

interface ChangeJobDeps {
  readonly runs: Pick<JobRuns, 'describe' | 'send'>;
  readonly records: Pick<RecordStore, 'replace'>;
  readonly index: Pick<JobIndex, 'upsert'>;
  readonly lookup: JobLookup;
  readonly logger: Logger;
  readonly now: () => number;
}

/** How often it is tried anew while the job begins, ends or is written by others. */
const MAX_TRIES = 5;

/**
 * A record has one writer at a time. While a run of the job is open that is its workflow, which is told the change;
 * else it is written here, unless it has changed since it was read. A run that begins in the same moment was started
 * with the settings of before: it takes over the stored ones with its first save (activities/results/artifacts), and
 * where the change came after that, the run is seen open here and is told too. So none is lost.
 */
export function createChangeJob({ runs, records, index, lookup, logger, now }: ChangeJobDeps): ChangeJob {
  /** At once in lists, since nothing else tells the indexer of it; it finds it later where this fails. */
  const list = async (jobId: string, changed: () => Promise<JobRecord>): Promise<void> => {
    try {
      const record = await changed();
      await index.upsert([{ record, state: record.state, asOfMs: record.updatedAtMs }]);
    } catch (error) {
      logger.warn({ err: error, jobId }, 'the change of a job is not in lists yet');
    }
  };

  /** Writes the record of a job without an open run. */
  const write = async (caller: Caller, jobId: string, job: JobRecord, to: Partial<JobSettings>): Promise<Written> => {
    const stored = await lookup.stored(caller, jobId);
    const { record } = stored;
    if (!hasSettings(record.request, settingsOf(job.request))) return 'not';
    const next: JobRecord = {
      ...record,
      ...afterChange(record, { to, was: null }),
      requestDigest: record.requestDigest ?? requestDigest(record.request),
      updatedAtMs: Math.max(now(), record.updatedAtMs),
    };
    if ((await reached('The storage', records.replace(stored, next))) === null) return 'not';
    await list(jobId, async () => ({ ...next, state: job.state }));
    const run = await reached('Temporal', runs.describe(jobId));
    return run?.status === 'RUNNING' ? 'beside-a-run' : 'done';
  };

  return async (caller, jobId, to, ifMatch) => {
    let written: Written = 'not';
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      const { record, run, state } = await lookup.find(caller, jobId);
      const job = { ...record, state };
      const was = settingsOf(job.request);
      const isConditional = ifMatch !== null && written === 'not';
      if (isConditional && !meansSettings(ifMatch, job.request)) throwRefusal(otherVersion(jobId));
      const isOpen = run?.status === 'RUNNING';
      throwRefusal(refusal('change', job, changePayload(to, null), isOpen));
      if (!isOpen) {
        written = await write(caller, jobId, job, to);
        if (written === 'done') return 'done';
        continue;
      }
      const delivery = await reached(
        'Temporal',
        runs.send(jobId, 'change', changePayload(to, isConditional ? was : null)),
      );
      if (delivery.kind === 'accepted') {
        await list(jobId, async () => ({ ...(await lookup.record(caller, jobId)), state }));
        return 'done';
      }
      if (delivery.kind === 'delivered') return 'kept';
      if (delivery.kind === 'rejected') throw new Problem('PRECONDITION_FAILED', delivery.message);
    }
    throw new Problem('UNAVAILABLE', `job ${jobId} begins or ends at this moment; nothing is lost, try again`);
  };
}

/** `beside-a-run`: a run has begun meanwhile, which may not know of it. */
type Written = 'not' | 'done' | 'beside-a-run';
