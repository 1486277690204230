import { isFinal, STEP_TITLE, type Step } from '../../contracts/job/state';
import type { JobView, StageProgress } from '../../contracts/job/view';
import { PRIORITY } from '../../contracts/messages/settings';
import { PRESET } from '../../contracts/stages/presets';
import { warningsOf } from '../../contracts/stages/reports';
import { STAGES } from '../../contracts/stages/stage';
import { STAGE } from '../../contracts/stages/stages';
import { actualWords, estimateWords, timeLeftWords } from '../../contracts/estimates/words';
import { html, type Markup } from '../../platform/html';
import { figures, formatBytes, formatCount, formatSeconds, formatTime, formatUsd } from '../../contracts/job/formats';
import { jobActions } from './job-actions';
import { deliveryWarnings, situation } from './job-situation';
import { badge, layoutPage, table } from './layout';
import { photoFit } from './photo-fit';

const REFRESH_SECONDS = 2;
const STEPS: readonly Step[] = ['intake', ...STAGES, 'publish'];
const MAX_REJECTED_SHOWN = 50;

/** One job: what it does, what it made, or what went wrong and what to do. */
export const jobPage = (job: JobView): Markup =>
  layoutPage({
    title: `${job.name} · ${job.state === 'succeeded' ? '3D scene' : 'job'} ${job.jobId}`,
    refreshSeconds: isFinal(job.state) ? null : REFRESH_SECONDS,
    events: isFinal(job.state) ? '' : `/v1/jobs/${encodeURIComponent(job.jobId)}/events`,
    main: html`<h1>${job.name} ${badge(job.state, job.waiting?.for)}</h1>
<p class="quiet">${job.state === 'succeeded' ? '3D scene' : 'Job'} <code>${job.jobId}</code> · ${job.input} · ${PRESET[job.preset].title} · started ${formatTime(job.createdAt)}</p>
${situation(job)}
${jobActions(job)}<p class="message" role="status"></p>
${deliveryWarnings(job)}
${job.notice !== null && html`<p class="notice">${job.notice}</p>`}
${warningsOf(job.stages).map((warning) => html`<p class="notice">${warning}</p>`)}
${scene(job)}
${!isFinal(job.state) && job.state !== 'parked' && progress(job)}
${numbers(job)}
${photoFit(job)}
${downloads(job)}
${rejectedPhotos(job)}
${ledger(job)}
${links(job)}`,
  });

function scene({ jobId, result }: JobView): Markup | null {
  if (!result?.sogUrl) return null;
  const base = `/v1/jobs/${encodeURIComponent(jobId)}`;
  const query = new URLSearchParams({
    content: `${base}/artifacts/scene.sog?inline`,
    settings: `${base}/viewer-settings.json`,
  });
  if (result.files.some(({ name }) => name === 'poster.jpg'))
    query.set('poster', `${base}/artifacts/poster.jpg?inline`);
  return html`<iframe class="viewer" title="The scene in 3D" src="/viewer/?${query.toString()}&webgl&noanim"
allow="fullscreen; xr-spatial-tracking"></iframe>`;
}

function progress(job: JobView): Markup {
  const current = job.step === null ? -1 : STEPS.indexOf(job.step);
  return html`<ol class="steps">${STEPS.map((step, index) => {
    const live = index === current && job.stageProgress?.stage === step ? job.stageProgress : null;
    const state = index < current ? 'done' : index === current ? 'now' : 'later';
    return html`<li class="${state}"><span>${STEP_TITLE[step]}</span>${live !== null && stageBar(live)}</li>
`;
  })}</ol>
<p>${job.timeLeft !== null && html`<strong>${sentence(timeLeftWords(job.timeLeft))}</strong> · `}Cost so far:
${formatUsd(job.costUsd)}</p>`;
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function stageBar({ phase, done, total, fraction, status, metrics }: StageProgress): Markup {
  const count = done !== null && total !== null && total > 0 ? `${formatCount(done)} of ${formatCount(total)}` : '';
  const details = Object.entries(metrics).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? formatCount(Number(value.toPrecision(4))) : value}`,
  );
  return html`<progress max="1"${fraction !== null && html` value="${fraction.toFixed(3)}"`}></progress>
<small>${[status, phase, count, ...details].filter(Boolean).join(' · ')}</small>`;
}

function numbers({ photos, stages, costUsd, attempts, budget, estimate, priority }: JobView): Markup | null {
  const rows = figures(photos, stages);
  if (attempts.length > 0)
    rows.push(
      ['Machine time', formatSeconds(attempts.reduce((sum, { seconds }) => sum + seconds, 0))],
      ['Cost', formatUsd(costUsd)],
    );
  if (estimate !== null) {
    rows.push(['Expected at the start', estimateWords(estimate)]);
    if (estimate.actual !== null) rows.push(['What came', actualWords(estimate.actual)]);
  }
  if (priority !== PRIORITY.default) rows.push(['Priority', String(priority)]);
  if (budget.budgetUsd !== null) rows.push(['Budget', formatUsd(budget.budgetUsd)]);
  if (budget.maxHours !== null) rows.push(['Machine time allowed', formatSeconds(budget.maxHours * 3600)]);
  if (rows.length === 0) return null;
  return html`<h2>Numbers</h2><dl>${rows.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>
`,
  )}</dl>`;
}

function downloads({ result }: JobView): Markup | null {
  if (result === null || result.files.length === 0) return null;
  return html`<h2>Downloads</h2><ul>${result.files.map(
    (file) => html`<li><a href="${file.url}">${file.name}</a> <span class="quiet">${formatBytes(file.bytes)}</span></li>
`,
  )}</ul>`;
}

function rejectedPhotos({ photos }: JobView): Markup | null {
  if (photos === null || photos.rejected.length === 0) return null;
  const shown = photos.rejected.slice(0, MAX_REJECTED_SHOWN);
  const more = photos.leftOut - shown.length;
  return html`<details><summary>${photos.leftOut === 1 ? 'One file' : `${formatCount(photos.leftOut)} files`} left
out</summary><ul>${shown.map(
    ({ name, reason }) => html`<li><code>${name}</code>: ${reason}</li>
`,
  )}</ul>${more > 0 && html`<p>and ${more} more</p>`}</details>`;
}

function ledger({ attempts }: JobView): Markup | null {
  if (attempts.length === 0) return null;
  const rows = attempts.map(({ stage, attempt, instanceType, status, seconds, costUsd, failure }) => [
    STAGE[stage].title,
    attempt,
    instanceType,
    html`${status}${failure !== null && html` <code>${failure.code}</code>`}`,
    formatSeconds(seconds),
    formatUsd(costUsd),
  ]);
  return html`<h2>Machines</h2>${table(['Stage', 'Attempt', 'Machine', 'Outcome'], ['Time', 'Cost'], rows)}`;
}

function links({ jobId, workflowUrl }: JobView): Markup {
  return html`<p class="links"><a href="/v1/jobs/${encodeURIComponent(jobId)}">As JSON</a>${
    workflowUrl !== null && html` · <a href="${workflowUrl}">In Temporal</a>`
  }</p>`;
}
