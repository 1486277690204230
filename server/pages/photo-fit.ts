import { formatCount } from '../../contracts/job/formats';
import { fitWords, unfittedWords } from '../../contracts/photos/fit';
import type { JobView } from '../../contracts/job/view';
import { html, type Markup } from '../../platform/html';

/** Photos that are listed at once; more are folded away. */
const MAX_OPEN = 12;

/** Which photos fitted together, which did not, and why: of a finished scene and of a result that was rejected. */
export function photoFit(job: Pick<JobView, 'jobId' | 'fit' | 'failure'>): Markup {
  return html`${unfittedPhotos(job)}${leftOutPhotos(job)}`;
}

function leftOutPhotos({ fit }: Pick<JobView, 'fit'>): Markup | null {
  const { leftOut = [], leftOutCount: count = 0 } = fit ?? {};
  if (count === 0) return null;
  const more = count - leftOut.length;
  return html`<details><summary>${count === 1 ? 'One photo was' : `${formatCount(count)} photos were`} not used for the
reconstruction</summary><ul>${leftOut.map(
    ({ name, reason }) => html`<li><code>${name}</code>: ${reason}</li>
`,
  )}</ul>${more > 0 && html`<p>and ${formatCount(more)} more</p>`}</details>`;
}

function unfittedPhotos({ jobId, fit, failure }: Pick<JobView, 'jobId' | 'fit' | 'failure'>): Markup | null {
  if (fit === null || fit.unfittedCount === 0) return null;
  const { unfitted, unfittedCount, advice } = fit;
  const more = unfittedCount - unfitted.length;
  return html`<h2>Which photos fitted</h2>
<p>${fitWords(fit)}</p>
${failure === null && advice !== null && html`<p>For a scene with more of them: ${advice}</p>`}
<details${unfittedCount <= MAX_OPEN && html` open`}><summary>${
    unfittedCount === 1 ? 'One photo' : `${formatCount(unfittedCount)} photos`
  } did not fit</summary>
<ul class="photos">${unfitted.map(
    ({ thumbnailUrl, ...photo }) => html`<li>${
      thumbnailUrl !== null && html`<img src="${thumbnailUrl}?inline" alt="" loading="lazy" width="128" height="96">`
    }<span><code>${photo.name}</code><br>${unfittedWords(photo)}</span></li>
`,
  )}</ul>${more > 0 && html`<p>and ${formatCount(more)} more</p>`}${
    unfitted.some(({ thumbnailUrl }) => thumbnailUrl !== null) &&
    html`<p><a href="/v1/jobs/${encodeURIComponent(jobId)}/artifacts/photos.json">All photos, with their places</a></p>`
  }</details>`;
}
