import {
  finding,
  disagreement,
  type Evidence,
  type Finding,
  type StartedJob,
  type StoredRecord,
  type WorkflowRun,
} from './evidence';

const ENDED = ['Completed', 'Failed', 'Stopped'];
/** What a run that closed says of its job. */
const STATE_OF_STATUS: Readonly<Record<string, string>> = {
  Completed: 'succeeded',
  Failed: 'failed',
  Canceled: 'cancelled',
  Terminated: 'failed',
};

/** Whether nobody is going to add to it by themselves. */
export const isComplete = ({ state, attempts }: StoredRecord): boolean =>
  Object.values(STATE_OF_STATUS).includes(state) && attempts.every(({ status }) => ENDED.includes(status));

/** Every job has ended, in Temporal and in its record alike, and for a reason that somebody gave it. */
export function judgeJobs({ jobs, records, runs, scenes }: Evidence): Finding[] {
  return jobs.flatMap((job) => {
    const { jobId } = job;
    const record = records.get(jobId);
    const own = runs.filter(({ workflowId }) => workflowId === `job-${jobId}`);
    const last = own.at(-1);
    if (record === undefined || last === undefined)
      return [finding('lost', jobId, `it has ${record ? 'a' : 'no'} record and ${own.length} runs`)];
    return [
      ...judgeEnd(jobId, record, last),
      ...judgeReason(job, record),
      ...judgeParkings(job, own),
      ...judgeCancels(job, record, own),
      ...judgeRecord(jobId, record),
      ...judgeScene(jobId, record, scenes.get(jobId)),
    ];
  });
}

function judgeEnd(jobId: string, { state }: StoredRecord, { status, states }: WorkflowRun): Finding[] {
  if (status === 'Running') return [finding('lost', jobId, `its workflow is still open, its record says ${state}`)];
  const said = STATE_OF_STATUS[status] ?? status;
  const findings: Finding[] = [];
  if (said !== state && !terminatedAtItsEnd({ status, states }, state))
    findings.push(disagreement(jobId, `its workflow ended ${status}, its record says ${state}`));
  // A terminated workflow has no say in its search attributes any more.
  if (status !== 'Terminated' && states.at(-1) !== said)
    findings.push(
      disagreement(jobId, `its workflow ended ${status}, the search attribute JobState says ${states.at(-1)}`),
    );
  return findings;
}

/**
 * Whether a run that somebody terminated had said its last word by then: what is left of it is its mail and its own
 * close.
 */
const terminatedAtItsEnd = ({ status, states }: Pick<WorkflowRun, 'status' | 'states'>, state: string): boolean =>
  status === 'Terminated' && states.at(-1) === state && Object.values(STATE_OF_STATUS).includes(state);

/** Nothing fails, and nobody is cancelled, without a cause. */
function judgeReason(
  { jobId, mayFailWith, deeds }: StartedJob,
  { state, failure, cancelled }: StoredRecord,
): Finding[] {
  if (state === 'failed' && !mayFailWith.includes(failure?.code ?? ''))
    return [
      finding(
        'lost',
        jobId,
        `it failed with ${failure?.code}: ${failure?.message}; what was done to it can only end in ${mayFailWith.join(', ') || 'success'}`,
      ),
    ];
  if (state === 'cancelled' && !deeds.some(({ what }) => what === 'cancel'))
    return [finding('lost', jobId, `nobody cancelled it, its record says ${JSON.stringify(cancelled)}`)];
  return [];
}

/** A job to which nothing was done that could fail it never even waits for a retry. */
function judgeParkings({ jobId, mayFailWith }: StartedJob, runs: readonly WorkflowRun[]): Finding[] {
  const parkings = runs.flatMap(({ states }) => states.filter((state) => state === 'parked')).length;
  return parkings === 0 || mayFailWith.length > 0
    ? []
    : [disagreement(jobId, `it was parked ${parkings} times, and nothing that was done to it can fail it`)];
}

/** A cancel that the API has confirmed is kept to, unless the job was retried after it. */
function judgeCancels(
  { jobId, deeds }: StartedJob,
  { state, cancelled }: StoredRecord,
  runs: readonly WorkflowRun[],
): Finding[] {
  const confirmed = deeds.findLast(
    ({ what, way, status, state: promised, note }) =>
      what === 'cancel' && way === 'api' && status === 202 && promised === 'cancelling' && note === null,
  );
  const retriedLater = deeds.some(
    ({ what, atMs, status }) =>
      what === 'retry' && (status ?? 202) === 202 && confirmed !== undefined && atMs > confirmed.atMs,
  );
  if (confirmed === undefined) return [];
  const findings: Finding[] = [];
  if (!runs.some((run) => run.status === 'Canceled' || terminatedAtItsEnd(run, 'cancelled')))
    findings.push(disagreement(jobId, 'a cancel was confirmed, and no run ended Canceled'));
  if (!retriedLater && state !== 'cancelled')
    findings.push(disagreement(jobId, `a cancel was confirmed, and the job is ${state}`));
  if (!retriedLater && cancelled?.by !== 'chaos')
    findings.push(disagreement(jobId, `a cancel by chaos was confirmed, the record says ${JSON.stringify(cancelled)}`));
  return findings;
}

/** A record without gaps, whatever the end. */
function judgeRecord(jobId: string, record: StoredRecord): Finding[] {
  const { state, endedAtMs, request, failure, cancelled, waiting, parkedUntilMs, result, attempts } = record;
  const problems = [
    endedAtMs === null && 'no time of its end',
    request === null && 'no request',
    state === 'failed' && failure === null && 'no failure',
    state !== 'failed' && failure !== null && `a failure (${failure.code}) although it is ${state}`,
    state === 'cancelled' && cancelled === null && 'nobody who cancelled it',
    state === 'succeeded' && cancelled !== null && 'somebody who cancelled it although it succeeded',
    waiting !== null && 'something that it still waits for',
    parkedUntilMs !== null && 'a deadline for a retry',
    state === 'succeeded' && (result?.files.length ?? 0) === 0 && 'no result',
    state === 'succeeded' && record.photos === null && 'no photos',
    ...attempts.map((line) => !ENDED.includes(line.status) && `attempt ${line.jobName} as ${line.status}`),
    ...attempts.map(
      (line) => line.status === 'Failed' && line.failure === null && `no reason why ${line.jobName} failed`,
    ),
  ];
  return problems
    .filter((problem) => problem !== false)
    .map((problem) => disagreement(jobId, `its record has ${problem}`));
}

/** The published scene is the one that was accepted. */
function judgeScene(jobId: string, { state, accepted }: StoredRecord, scene: string | undefined): Finding[] {
  const last = accepted.find(({ stage }) => stage === 'compression');
  if (state !== 'succeeded' || scene === `scripted scene.sog of ${last?.jobName}`) return [];
  return [
    disagreement(
      jobId,
      `its record accepted ${last?.jobName}, its published scene is: ${scene?.slice(0, 100) ?? 'nothing'}`,
    ),
  ];
}
