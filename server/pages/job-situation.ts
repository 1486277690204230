import { failureTitle } from '../../contracts/job/failures';
import { STEP_TITLE } from '../../contracts/job/state';
import type { JobView } from '../../contracts/job/view';
import { isStage } from '../../contracts/stages/stage';
import { html, type Markup } from '../../platform/html';
import { formatSeconds, formatTime, formatUsd } from '../../contracts/job/formats';
import { parkedWords, undecidedWords, WAITING_WORDS } from '../../contracts/job/words';

/** What a job does, why, and what a person can do, in a pilot's words; null where the rest of the page says it. */
export function situation(job: JobView): Markup | null {
  switch (job.state) {
    case 'queued':
      return html`<p>In line: the job starts as soon as a worker is free.</p>`;
    case 'running':
      return job.pauseRequested ? pausing() : null;
    case 'waiting':
      return waiting(job);
    case 'parked':
    case 'failed':
      return failed(job);
    case 'cancelling':
    case 'cancelled':
      return cancelled(job);
    case 'succeeded':
      return scenesDeleted(job);
  }
}

/** Mails and webhooks that did not arrive: a person would wait for them in vain. */
export const deliveryWarnings = ({ deliveries }: JobView): Markup[] =>
  deliveries
    .filter(({ status }) => status !== 'delivered')
    .map(({ channel, status, detail, at }) => {
      const what = channel === 'mail' ? 'The mail to the submitter' : 'The webhook of this job';
      const how = status === 'rejected' ? 'was refused' : 'could not be delivered in time';
      return html`<p class="notice bad">${what} ${how}${detail === null ? '' : `: ${detail}`} <span
class="quiet">(${formatTime(at)})</span></p>`;
    });

/** `$1.20 for 35 min 0 s of machines; the budget is $5.00 and 3 h 0 min of machines` */
function spent({ costUsd, attempts, budget }: Pick<JobView, 'costUsd' | 'attempts' | 'budget'>): string {
  const seconds = attempts.reduce((sum, attempt) => sum + attempt.seconds, 0);
  const time = seconds > 0 ? ` for ${formatSeconds(seconds)} of machines` : '';
  const limits = [
    budget.budgetUsd !== null && formatUsd(budget.budgetUsd),
    budget.maxHours !== null && `${formatSeconds(budget.maxHours * 3600)} of machines`,
  ].filter(Boolean);
  return `${formatUsd(costUsd)}${time}${limits.length === 0 ? '' : `; the budget is ${limits.join(' and ')}`}`;
}

const pausing = (): Markup =>
  html`<section class="notice"><h2>Will pause</h2><p>The step that runs now is finished first. Then the job waits,
without a machine and without cost, until you press Resume.</p></section>`;

function waiting({ waiting: wait, step, costUsd, pauseRequested }: JobView): Markup | null {
  switch (wait?.for) {
    case 'start':
      return html`<section class="notice"><h2>${WAITING_WORDS.start.heading}</h2>
<p>The job begins at <strong>${formatTime(wait.until)}</strong>. Until then nothing is rented or spent, and it can be
cancelled.</p></section>`;
    case 'capacity':
      return html`<section class="notice"><h2>${WAITING_WORDS.capacity.heading}</h2>
<p>The cloud has no free machine for “${step !== null && STEP_TITLE[step]}” at the moment. The job asks again by
itself and continues when there is one; waiting costs nothing.</p>
${
  wait.until !== null &&
  html`<p>If there is none until <strong>${formatTime(wait.until)}</strong>, the job stops and says
so.</p>`
}
${pauseRequested && html`<p>A pause was asked for: it begins after this step.</p>`}
<p class="quiet">${wait.message}</p></section>`;
    case 'decision':
      return html`<section class="notice asks"><h2>${WAITING_WORDS.decision.heading}</h2>
<p>${sentence(wait.message)}</p>
<ul><li><strong>Accept</strong>: the job continues with what there is, and the machines of the next steps cost
money.</li>
<li><strong>Stop</strong>: the job ends here, and costs no more than the ${formatUsd(costUsd)} so far.</li></ul>
${wait.until !== null && html`<p>${undecidedWords(wait.until)}</p>`}</section>`;
    case 'resume':
      return html`<section class="notice"><h2>${WAITING_WORDS.resume.heading}</h2>
<p>${sentence(wait.message)} No machine runs and nothing is spent. Press Resume to continue.</p></section>`;
    case undefined:
      return null;
  }
}

function failed(job: JobView): Markup | null {
  const { step, failure, parkedUntil, stages } = job;
  if (failure === null) return null;
  const keeps = step !== null && isStage(step) && Object.keys(stages).length > 0;
  return html`<section class="notice bad"><h2>${failureTitle(failure.code)}</h2>
<p><strong>What happened:</strong>
the job stopped${step !== null && ` at “${STEP_TITLE[step]}”`}: ${failure.message}${stop(failure.message)}</p>
<p><strong>What to do:</strong> ${failure.advice}</p>
<p><strong>What it has cost:</strong> ${spent(job)}.${keeps && ' What is finished is kept for a retry.'}</p>
${parkedUntil !== null && html`<p>${parkedWords(parkedUntil)}</p>`}
<p class="quiet">Code <code>${failure.code}</code></p></section>`;
}

function cancelled(job: JobView): Markup {
  const { state, cancelled: cancel } = job;
  const isOver = state === 'cancelled';
  return html`<section class="notice"><h2>${isOver ? 'Cancelled' : 'Stopping'}</h2>
${cancel !== null && html`<p>By ${cancel.by} at ${formatTime(cancel.at)}. Reason: ${cancel.reason}</p>`}
<p>${
    isOver
      ? `Its machines are off. It has cost ${spent(job)}.`
      : 'The machine was told to stop. The job ends when it is off, so that the last second is on the bill.'
  }</p></section>`;
}

function scenesDeleted({ filesDeleted }: JobView): Markup | null {
  const at = filesDeleted?.results ?? null;
  return at === null
    ? null
    : html`<p class="notice">The scene and its downloads were deleted at ${formatTime(at)}: the time that results are
kept for was over.</p>`;
}

/** The full stop that a sentence may lack. */
const stop = (text: string): string => (/[.!?]$/.test(text) ? '' : '.');

/** With a capital letter and a full stop. */
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${stop(text)}`;
