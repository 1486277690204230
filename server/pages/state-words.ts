import type { JobState, WaitsFor } from '../../contracts/job/state';
import { html, type Markup } from '../../platform/html';

const STATE_WORD: Readonly<Record<JobState, string>> = {
  queued: 'Queued',
  running: 'Running',
  waiting: 'Waiting',
  parked: 'Failed, can be retried',
  cancelling: 'Stopping',
  succeeded: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

const WAITING_WORD: Readonly<Record<WaitsFor, string>> = {
  capacity: 'Waiting for a machine',
  decision: 'Waiting for you',
  resume: 'Paused',
};

/** A job's state as a coloured word; of a waiting one, what for, where that is known. */
export const badge = (state: JobState, waitsFor?: WaitsFor): Markup =>
  html`<span class="badge ${state} ${waitsFor ?? ''}">${waitsFor === undefined ? STATE_WORD[state] : WAITING_WORD[waitsFor]}</span>`;
