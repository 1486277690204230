import {
  disagreement,
  type Evidence,
  type Finding,
  type Mail,
  type StartedJob,
  type StoredRecord,
  type WorkflowRun,
} from './evidence';

/** Each end and each parking of a job is told once, to its own person. */
export function judgeMails({ jobs, records, runs, mails }: Evidence): Finding[] {
  const deliveries = new Map(
    runs.filter(({ workflowId }) => workflowId.startsWith('mail-')).map((run) => [run.workflowId, run]),
  );
  return jobs.flatMap((job) => {
    const own = mails.filter(({ messageId }) => messageId.startsWith(`${job.jobId}-`));
    const expected = expectedMails(
      runs.filter(({ workflowId }) => workflowId === `job-${job.jobId}`),
      records.get(job.jobId),
      [...deliveries.keys()],
    );
    return [...judgeKinds(job, own, expected), ...judgeCopies(job, own, deliveries), ...judgeRecipients(job, own)];
  });
}

/** The states of which a person is told, once for each time that the job entered them. */
function expectedMails(
  runs: readonly WorkflowRun[],
  record: StoredRecord | undefined,
  deliveries: readonly string[],
): string[] {
  const undecided =
    (record?.request?.retryWindowSeconds ?? 0) > 0
      ? (record?.gates ?? []).filter(({ verdict }) => verdict === 'undecided')
      : [];
  return [
    ...runs.flatMap(({ workflowId, status, states }) =>
      states.filter((state, index) => {
        // Terminated before its last mail was on its way: nothing of ours runs after that.
        if (status === 'Terminated' && index === states.length - 1)
          return deliveries.some((id) => id.startsWith(`${workflowId.replace('job-', 'mail-')}-${state}-`));
        // Who was told that it is parked, and until when, is not told that this time is over.
        if (state === 'failed') return states[index - 1] !== 'parked';
        return ['parked', 'succeeded', 'cancelled'].includes(state);
      }),
    ),
    ...undecided.map(() => 'waiting'),
  ].sort();
}

function judgeKinds({ jobId }: StartedJob, mails: readonly Mail[], expected: readonly string[]): Finding[] {
  const kinds = [...new Set(mails.map(({ messageId }) => messageId))].map(stateOf).sort();
  if (JSON.stringify(kinds) === JSON.stringify(expected)) return [];
  return [disagreement(jobId, `its mails are about [${kinds.join(', ')}], its history has [${expected.join(', ')}]`)];
}

/**
 * Mail is delivered at least once: a second copy has the same Message-ID, and a second try of its delivery to explain
 * it.
 */
function judgeCopies(
  { jobId }: StartedJob,
  mails: readonly Mail[],
  deliveries: ReadonlyMap<string, WorkflowRun>,
): Finding[] {
  return [...new Set(mails.map(({ messageId }) => messageId))].flatMap((messageId): Finding[] => {
    const copies = mails.filter((mail) => mail.messageId === messageId).length;
    const delivery = deliveries.get(`mail-${messageId.split('@')[0]}`);
    if (delivery === undefined) return [disagreement(jobId, `the mail ${messageId} has no workflow that delivered it`)];
    if (delivery.status !== 'Completed')
      return [disagreement(jobId, `the mail ${messageId} arrived, its delivery is ${delivery.status}`)];
    if (copies > delivery.mostTries)
      return [disagreement(jobId, `the mail ${messageId} arrived ${copies} times in ${delivery.mostTries} tries`)];
    return [];
  });
}

const judgeRecipients = ({ jobId }: StartedJob, mails: readonly Mail[]): Finding[] =>
  mails
    .filter(({ to }) => to !== `pilot-${jobId}@example.com`)
    .map(({ file }) => disagreement(jobId, `the mail ${file} went to somebody else`));

/** `<jobId>-<state>-<milliseconds>@<host>`. */
const stateOf = (messageId: string): string => /^[a-z0-9]+-([a-z]+)-\d+@/.exec(messageId)?.[1] ?? messageId;
