import { situationRefusal } from '../../contracts/job/commands';
import { failureClass, type FailureCode } from '../../contracts/job/failures';
import { isFinal } from '../../contracts/job/state';
import type { JobView } from '../../contracts/job/view';
import type { SignalName } from '../../contracts/messages/signals';
import { job as words } from '../i18n/en/job';

/** A button, and what pressing it leads to. */
export interface Action {
  readonly kind: Exclude<SignalName, 'change'>;
  readonly label: string;
  /** Asked before it acts. */
  readonly ask?: string;
  /** The one that most people want. */
  readonly isMain?: boolean;
  readonly isDanger?: boolean;
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

type Shown = Pick<JobView, 'jobId' | 'state' | 'waiting' | 'pauseRequested' | 'failure' | 'filesDeleted'>;

/** What a person can do about a job now, the likeliest first. */
export function possibleActions(job: Shown): Action[] {
  const { state, waiting } = job;
  if (state === 'cancelling') return []; // a second cancel would be followed, and change nothing
  const may = (command: SignalName): boolean => situationRefusal(command, job) === null;
  const end = (label: string, ask: string): Action[] =>
    may('cancel') ? [{ kind: 'cancel', label, ask, isDanger: true }] : [];
  const { actions } = words;
  if (state === 'succeeded') return may('retry') && hasModel(job) ? [{ kind: 'retry', label: actions.otherFiles }] : [];
  if (may('retry')) return [retry(job), ...end(actions.giveUp, actions.askGiveUp)];
  if (may('accept'))
    return [{ kind: 'accept', label: actions.accept, isMain: true }, ...end(actions.stop, actions.askStop)];
  const border: Action[] = may('resume')
    ? [{ kind: 'resume', label: waiting?.for === 'resume' ? actions.resume : actions.doNotPause, isMain: true }]
    : may('pause')
      ? [{ kind: 'pause', label: state === 'queued' ? actions.pause : actions.pauseAfter }]
      : [];
  return [...border, ...end(actions.cancel, actions.askCancel)];
}

const hasModel = ({ filesDeleted }: Shown): boolean => (filesDeleted?.intermediates ?? null) === null;

function retry({ failure, filesDeleted }: Shown): Action {
  const isMain = failure === null || failureClass(failure.code) !== 'input' || MENDED_ELSEWHERE.includes(failure.code);
  const { retry: label, again } = words.actions;
  return { kind: 'retry', label: (filesDeleted?.intermediates ?? null) === null ? label : again, isMain };
}

/** Whether it can be deleted: only what has ended. */
export const mayErase = (job: Shown): boolean => isFinal(job.state) && situationRefusal('erase', job) === null;
