import {
  disagreement,
  type Evidence,
  type Finding,
  type StartedJob,
  type WebhookCall,
  type WorkflowRun,
} from './evidence';

/**
 * A program is told the same events as the person by mail, genuine ones, and each with one body however often it is
 * tried.
 */
export function judgeWebhooks({ jobs, mails, webhooks, runs }: Evidence): Finding[] {
  const deliveries = new Map(
    runs
      .filter(({ workflowId }) => workflowId.startsWith('webhook-'))
      .map((run) => [run.workflowId.slice('webhook-'.length), run]),
  );
  return jobs.flatMap((job) => {
    const own = webhooks.filter(({ jobId }) => jobId === job.jobId);
    const mailed = mails
      .map(({ messageId }) => messageId.split('@')[0] ?? '')
      .filter((eventId) => eventId.startsWith(`${job.jobId}-`));
    return [
      ...judgeEvents(job, own, job.hasWebhook ? mailed : []),
      ...judgeCalls(job, own),
      ...judgeTries(job, own, deliveries),
    ];
  });
}

function judgeEvents({ jobId }: StartedJob, calls: readonly WebhookCall[], mailed: readonly string[]): Finding[] {
  const [told, expected] = [eventsOf(calls.filter(({ isTaken }) => isTaken)), [...new Set(mailed)].sort()];
  if (JSON.stringify(told) === JSON.stringify(expected)) return [];
  return [disagreement(jobId, `its webhooks have told of [${told.join(', ')}], its mails of [${expected.join(', ')}]`)];
}

function judgeCalls({ jobId }: StartedJob, calls: readonly WebhookCall[]): Finding[] {
  const problem = ({ eventId }: WebhookCall, what: string): Finding =>
    disagreement(jobId, `the webhook ${eventId} ${what}`);
  return calls.flatMap((call) => {
    const first = calls.find(({ eventId }) => eventId === call.eventId);
    const findings: Finding[] = [];
    if (!call.isGenuine) findings.push(problem(call, 'has a signature that is not genuine'));
    if (call.type !== typeOf(call.eventId)) findings.push(problem(call, `says ${call.type}`));
    if (call.digest !== first?.digest) findings.push(problem(call, 'has another body than before'));
    return findings;
  });
}

/**
 * Tries after the one that was taken need a try of the activity each to explain them: its answer was lost with a
 * worker.
 */
function judgeTries(
  { jobId }: StartedJob,
  calls: readonly WebhookCall[],
  deliveries: ReadonlyMap<string, WorkflowRun>,
): Finding[] {
  return eventsOf(calls).flatMap((eventId): Finding[] => {
    const tries = calls.filter((call) => call.eventId === eventId).length;
    const explained = deliveries.get(eventId)?.mostTries ?? 0;
    return tries <= explained
      ? []
      : [disagreement(jobId, `the webhook ${eventId} came ${tries} times in ${explained} tries`)];
  });
}

const eventsOf = (calls: readonly WebhookCall[]): string[] => [...new Set(calls.map(({ eventId }) => eventId))].sort();

/**
 * The event that `<jobId>-<state>-<milliseconds>` stands for: nobody is told of any other waiting than for a decision.
 */
function typeOf(eventId: string): string {
  const state = eventId.split('-')[1];
  return `job.${state === 'waiting' ? 'undecided' : state}`;
}
