import type { JobState, Step } from '../../contracts/job-state';
import { STAGE_TITLE } from '../../contracts/stages';
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

export const STEP_TITLE: Readonly<Record<Step, string>> = {
  intake: 'Checking the photos',
  ...STAGE_TITLE,
  publish: 'Publishing the result',
};

/** A job's state as a coloured word. */
export const badge = (state: JobState): Markup => html`<span class="badge ${state}">${STATE_WORD[state]}</span>`;
