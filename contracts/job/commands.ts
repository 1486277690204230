import { OPTION_RULES, type JobOptions } from '../stages/options';
import { problemSentence, type FieldProblem } from '../messages/parsed';
import { hasSettings, parseChange, type ChangeRequest } from '../messages/settings';
import { parseRetry, type RetryRequest, type SignalName } from '../messages/signals';
import { STAGES, type Stage } from '../stages/stage';
import { STAGE } from '../stages/stages';
import { firstOpenStage, reopenFrom, type GateResult, type JobRecord } from './record';
import { isFinal, JOB_STATES, WAITS_FOR, type JobState, type WaitsFor } from './state';
import { formatTime } from './formats';

/** What a person may tell a job. Erasing needs no workflow of the job: the others are messages to it. */
export type Command = SignalName | 'erase';

const LAST_STAGE = STAGES.at(-1) as Stage;

/** Codes of the API's problems, by what is in the way of a command. */
export type RefusalCode =
  | 'INVALID_REQUEST'
  | 'JOB_ENDED'
  | 'JOB_RUNNING'
  | 'NOT_PARKED'
  | 'STAGE_NOT_REACHED'
  | 'RETRY_REJECTED'
  | 'NOT_WAITING_FOR_DECISION'
  | 'CANNOT_PAUSE'
  | 'NOT_PAUSED'
  | 'JOB_STARTED'
  | 'PRECONDITION_FAILED';

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly errors?: readonly FieldProblem[];
}

/** What decides of a job whether a command can be followed: of its record, or of what people see of it. */
export interface JobSituation {
  readonly jobId: string;
  readonly state: JobState;
  readonly waiting: { readonly for: WaitsFor } | null;
  readonly pauseRequested: boolean;
  readonly gates?: readonly GateResult[];
}

interface CommandRule {
  /** Code of the problem when the workflow refuses what the server took for possible. */
  readonly code: RefusalCode;
  /** Why the state does not allow it, after "job <id> "; null where it does. `isOpen`: its workflow has an open run. */
  obstacle(job: JobSituation, isOpen: boolean): readonly [RefusalCode, string] | null;
  /** The state that follows. */
  next(job: JobSituation): JobState;
}

const isAsking = ({ state, waiting }: JobSituation): boolean => state === 'waiting' && waiting?.for === 'decision';
const isPaused = ({ state, waiting }: JobSituation): boolean => state === 'waiting' && waiting?.for === 'resume';

/** A rule for a message that only a job which has not ended can follow. */
const whileOpen = (
  purpose: string,
  { code, next, obstacle }: Pick<CommandRule, 'code' | 'next'> & { obstacle(job: JobSituation): string | null },
): CommandRule => ({
  code,
  next,
  obstacle(job, isOpen) {
    if (isFinal(job.state)) return ['JOB_ENDED', `has ended (${job.state}): ${purpose}`];
    if (!isOpen) return ['JOB_ENDED', `is not running: ${purpose}`];
    const why = obstacle(job);
    return why === null ? null : [code, `is ${job.state}${why}: ${purpose}`];
  },
});

/** What a person may do in which state, and what follows. Inbox, API, pages and docs/operations.md all ask here. */
export const COMMANDS: Readonly<Record<Command, CommandRule>> = {
  cancel: whileOpen('there is nothing to cancel', {
    code: 'JOB_ENDED',
    obstacle: () => null,
    next: () => 'cancelling',
  }),
  retry: {
    code: 'RETRY_REJECTED',
    obstacle({ state }, isOpen) {
      if (isOpen && isFinal(state)) return ['NOT_PARKED', `is about to close (${state}); try again in a moment`];
      if (isOpen && state !== 'parked')
        return ['NOT_PARKED', `is ${state}; it can be retried after it has failed or was cancelled`];
      return null;
    },
    next: ({ state }) => (state === 'parked' ? 'running' : 'queued'),
  },
  accept: whileOpen('there is nothing to accept', {
    code: 'NOT_WAITING_FOR_DECISION',
    obstacle(job) {
      if (isAsking(job)) return null;
      const accepted = job.gates?.at(-1)?.acceptedBy ?? null;
      return accepted === null
        ? ' and asks nothing'
        : ` and was accepted already, by ${accepted.by} at ${formatTime(accepted.atMs)}`;
    },
    next: () => 'running',
  }),
  pause: whileOpen('there is nothing to pause', {
    code: 'CANNOT_PAUSE',
    obstacle: ({ state }) => (state === 'queued' || state === 'running' || state === 'waiting' ? null : ''),
    next: ({ state }) => state,
  }),
  resume: whileOpen('there is nothing to resume', {
    code: 'NOT_PAUSED',
    obstacle: ({ pauseRequested }) => (pauseRequested ? null : ' and not paused'),
    next: (job) => (isPaused(job) ? 'running' : job.state),
  }),
  change: {
    code: 'PRECONDITION_FAILED',
    obstacle: () => null,
    next: ({ state }) => state,
  },
  erase: {
    code: 'JOB_RUNNING',
    obstacle({ state }, isOpen) {
      if (!isOpen) return null;
      const what = isFinal(state)
        ? `is about to close (${state}); try again in a moment`
        : `is ${state}; cancel it, wait for its end, then erase it`;
      return ['JOB_RUNNING', what];
    },
    next: ({ state }) => state,
  },
};

/** Why a job in this situation cannot follow a command, whatever comes with it; null when it can. */
export function situationRefusal(command: Command, job: JobSituation, isOpen = !isFinal(job.state)): Refusal | null {
  const obstacle = COMMANDS[command].obstacle(job, isOpen);
  return obstacle === null ? null : { code: obstacle[0], message: `job ${job.jobId} ${obstacle[1]}` };
}

/** Why a job cannot follow a command with this payload; null when it can. */
export function refusal(command: Command, record: JobRecord, payload: unknown, isOpen?: boolean): Refusal | null {
  const situation = situationRefusal(command, record, isOpen);
  switch (command) {
    case 'retry': {
      const retry = parseRetry(payload);
      return retry.ok ? (situation ?? uselessRetry(record, retry.value)) : invalid(retry.problems);
    }
    case 'change': {
      const change = parseChange(payload);
      return change.ok ? (situation ?? uselessChange(record, change.value)) : invalid(change.problems);
    }
    default:
      return situation;
  }
}

const invalid = (errors: readonly FieldProblem[]): Refusal => ({
  code: 'INVALID_REQUEST',
  message: problemSentence(errors),
  errors,
});

/** Why a change is not the one that was meant, or comes too late; null where it can be made. */
function uselessChange({ jobId, request, state, waiting }: JobRecord, { to, was }: ChangeRequest): Refusal | null {
  if (was !== null && !hasSettings(request, was)) return otherVersion(jobId);
  const isBefore = state === 'queued' || (state === 'waiting' && waiting?.for === 'start');
  if (isBefore || to.startAtMs === undefined || to.startAtMs === request.startAtMs) return null;
  return { code: 'JOB_STARTED', message: `job ${jobId} has begun (${state}): the time of its start is over` };
}

export const otherVersion = (jobId: string): Refusal => ({
  code: 'PRECONDITION_FAILED',
  message: `job ${jobId} has been changed since the version that If-Match names; get it again, and change that`,
});

/** Why a retry would lack an earlier result, or change nothing that it says it changes; null when it is of use. */
function uselessRetry(record: JobRecord, retry: RetryRequest): Refusal | null {
  const other = record.state === 'succeeded' ? noOtherFiles(record, retry) : null;
  if (other !== null) return { code: 'JOB_ENDED', message: `job ${record.jobId} has succeeded${other}` };
  const unreached = unreachedStage(record, retry.fromStage);
  if (unreached !== null) return { code: 'STAGE_NOT_REACHED', message: unreached };
  const first = STAGES.indexOf(retryStage(record, retry));
  const errors = (Object.keys(retry.options) as (keyof JobOptions)[])
    .map((option) => ({ option, stage: OPTION_RULES[option].stage }))
    .filter(({ stage }) => STAGES.indexOf(stage) < first)
    .map(({ option, stage }) => ({
      field: `options.${option}`,
      message: `belongs to ${stage}, whose result is kept; send "fromStage":"${stage}" too`,
    }));
  if (errors.length === 0) return null;
  const message = 'these options would change nothing; retry from an earlier stage or leave them out';
  return { code: 'INVALID_REQUEST', message, errors };
}

/** Why a job that has succeeded cannot make other files of its model; null where it can: its last stage runs again. */
function noOtherFiles(record: JobRecord, { fromStage }: RetryRequest): string | null {
  if (fromStage !== LAST_STAGE)
    return `; start a new job to do it another way, or send "fromStage":"${LAST_STAGE}" for other files of its model`;
  return firstOpenStage(record) === null ? null : ', and its model is deleted; start a new job';
}

/** Where a retry continues: the stage that it names, else the first without an accepted result. */
const retryStage = (record: JobRecord, { fromStage }: RetryRequest): Stage =>
  fromStage ?? firstOpenStage(record) ?? LAST_STAGE;

function unreachedStage(record: JobRecord, fromStage: Stage | null): string | null {
  const reachable = firstOpenStage(record);
  if (fromStage === null || reachable === null || STAGES.indexOf(fromStage) <= STAGES.indexOf(reachable)) return null;
  const needs = `"${STAGE[fromStage].title}" needs the result of "${STAGE[reachable].title}"`;
  return `${needs}; retry from ${reachable} or an earlier stage`;
}

/** The record of a parked or ended job after a `retry` at `nowMs`: its stages open again, its request changed. */
export const afterRetry = (record: JobRecord, retry: RetryRequest, nowMs: number): JobRecord => ({
  ...reopenFrom(record, retryStage(record, retry)),
  ...(record.endedAtMs !== null && { restedMs: (record.restedMs ?? 0) + Math.max(0, nowMs - record.endedAtMs) }),
  state: COMMANDS.retry.next(record),
  request: {
    ...record.request,
    options: { ...record.request.options, ...retry.options },
    budgetUsd: retry.budgetUsd ?? record.request.budgetUsd,
    maxHours: retry.maxHours ?? record.request.maxHours,
    capacity: retry.capacity ?? record.request.capacity,
  },
});

/** What `change` changes in the record. */
export const afterChange = (
  { request }: Pick<JobRecord, 'request'>,
  { to }: ChangeRequest,
): Pick<JobRecord, 'request'> => ({
  request: { ...request, ...to },
});

/** What `pause` and `resume` change in the record. */
export const afterPause = (): Partial<JobRecord> => ({ pauseRequested: true });
export const afterResume = (record: JobRecord): Partial<JobRecord> => ({
  pauseRequested: false,
  state: COMMANDS.resume.next(record),
});

/** The table of docs/operations.md, in Markdown: each state, and the commands that it follows. */
export function commandTable(): string {
  const commands = Object.keys(COMMANDS) as Command[];
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const rows = JOB_STATES.flatMap((state) =>
    (state === 'waiting' ? WAITS_FOR : [null]).map((waitsFor) => {
      const job = { jobId: '', state, waiting: waitsFor && { for: waitsFor }, pauseRequested: waitsFor === 'resume' };
      const cells = commands.map((command) => {
        if (situationRefusal(command, job) === null) return 'yes';
        return situationRefusal(command, { ...job, pauseRequested: true }) === null ? 'after a pause' : '';
      });
      return row([waitsFor === null ? `\`${state}\`` : `\`${state}\` for \`${waitsFor}\``, ...cells]);
    }),
  );
  const head = ['state', ...commands.map((command) => `\`${command}\``)];
  return [row(head), row(head.map(() => '---')), ...rows].join('');
}
