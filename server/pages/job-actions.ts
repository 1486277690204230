import { LIMIT_RULES, type BudgetLimits } from '../../contracts/job/budget';
import { failureClass, type FailureCode } from '../../contracts/job/failures';
import { situationRefusal } from '../../contracts/job/commands';
import type { JobView } from '../../contracts/job/view';
import { MAX_REASON_LENGTH, type SignalName } from '../../contracts/messages/signals';
import { html, type Markup } from '../../platform/html';

/** What the dialog of a button asks for. */
interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: 'text' | 'number';
  readonly value?: number;
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
}

/** A button that posts JSON; assets/job-page.js does what it says. */
interface Action {
  readonly label: string;
  readonly message: Exclude<SignalName, 'change'>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** Asked before it acts. */
  readonly ask?: string;
  readonly fields?: readonly Field[];
  readonly isMain?: boolean;
}

/**
 * Of the failures that need a person, those after which the same photos may do. After the others Retry would fail the
 * same way: the button is there, but does not invite.
 */
const MENDED_ELSEWHERE: readonly FailureCode[] = [
  'BUDGET_EXCEEDED',
  'BUDGET_EXHAUSTED',
  'QUOTA_ZERO',
  'NO_MACHINE_IN_TIME',
];

const BY = 'the job page';
const REASON: Field = { name: 'reason', label: 'Why? (may be left out)', type: 'text', maxLength: MAX_REASON_LENGTH };

/** What a person can do about a job now, as buttons. */
export function jobActions(job: JobView): Markup | null {
  const actions = possibleActions(job);
  if (actions.length === 0) return null;
  return html`<p class="actions">${actions.map((action) => button(job.jobId, action))}</p>`;
}

function button(jobId: string, { label, message, body = {}, ask, fields = [], isMain }: Action): Markup {
  const address = `/v1/jobs/${encodeURIComponent(jobId)}/${message}`;
  const dialog = [
    ask !== undefined && html` data-ask="${ask}"`,
    fields.length > 0 && html` data-fields="${JSON.stringify(fields)}"`,
  ];
  return html`<button${isMain && html` class="main"`} data-post="${address}"
data-body="${JSON.stringify(body)}"${dialog}>${label}</button>
`;
}

function possibleActions(job: JobView): Action[] {
  const { state, waiting } = job;
  if (state === 'cancelling') return []; // a second cancel would be followed, and change nothing
  const may = (command: SignalName): boolean => situationRefusal(command, job) === null;
  const end = (label: string, ask: string): Action[] =>
    may('cancel') ? [{ label, message: 'cancel', body: { by: BY }, ask, fields: [REASON] }] : [];
  if (may('retry'))
    return [retry(job), ...end('Give up', 'End this job? What is finished is kept, and it can still be retried.')];
  if (may('accept'))
    return [
      { label: 'Accept', message: 'accept', body: { by: BY }, isMain: true },
      ...end('Stop', 'End this job here? What is finished is kept.'),
    ];
  const border: Action[] = may('resume')
    ? [{ label: waiting?.for === 'resume' ? 'Resume' : 'Do not pause', message: 'resume', isMain: true }]
    : may('pause')
      ? [{ label: state === 'queued' ? 'Pause' : 'Pause after this step', message: 'pause' }]
      : [];
  const ask = 'Stop this job and its machine? What is finished is kept, and it can be retried.';
  return [...border, ...end('Cancel the job', ask)];
}

function retry({ failure, budget, filesDeleted }: JobView): Action {
  const deleted = (filesDeleted?.intermediates ?? null) !== null;
  const isMain = failure === null || failureClass(failure.code) !== 'input' || MENDED_ELSEWHERE.includes(failure.code);
  const again: Action = { label: deleted ? 'Do it all again' : 'Retry', message: 'retry', isMain };
  if (failure?.code === 'BUDGET_EXCEEDED')
    return {
      ...again,
      ask: 'The old limits would stop the job again. Give it higher ones; what it has cost so far counts.',
      fields: [
        ...limit('budgetUsd', 'Budget in US dollars', budget),
        ...limit('maxHours', 'Most hours of machines', budget),
      ],
    };
  const ask = 'The files of the finished steps were deleted. Do all steps again, at their cost?';
  return deleted ? { ...again, ask } : again;
}

/** A limit that the job has, to be raised. */
function limit(name: keyof BudgetLimits, label: string, budget: JobView['budget']): Field[] {
  const value = budget[name];
  const { minimum: min, maximum: max } = LIMIT_RULES[name];
  return value === null ? [] : [{ name, label, type: 'number', value, min, max }];
}
