import type { JobState, WaitsFor } from './state';

/** A job's state in a word or two, as a label. */
export const STATE_WORD: Readonly<Record<JobState, string>> = {
  queued: 'Queued',
  running: 'Running',
  waiting: 'Waiting',
  parked: 'Failed, can be retried',
  cancelling: 'Stopping',
  succeeded: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

interface WaitingWords {
  /** In place of STATE_WORD's "Waiting". */
  readonly label: string;
  readonly heading: string;
  /** Follows "waiting for". */
  readonly what: string;
}

export const WAITING_WORDS: Readonly<Record<WaitsFor, WaitingWords>> = {
  capacity: { label: 'Waiting for a machine', heading: 'Waiting for a machine', what: 'a machine' },
  decision: { label: 'Waiting for you', heading: 'Your decision is needed', what: 'a decision' },
  resume: { label: 'Paused', heading: 'Paused', what: 'the end of a pause' },
};
