import type { JobListEntry } from '../../contracts/job/view';
import { html, type Markup } from '../../platform/html';
import { failureTitle } from '../../contracts/job/failures';
import { formatCount, formatTime } from '../../contracts/job/formats';
import { STEP_TITLE } from '../../contracts/job/state';
import { badge, layoutPage, table } from './layout';

const REFRESH_SECONDS = 10;

/** The newest jobs, and how to start one. */
export const indexPage = (
  jobs: readonly JobListEntry[],
  { publicUrl, bucket }: { publicUrl: string; bucket: string },
): Markup =>
  layoutPage({
    title: 'Spaceport',
    refreshSeconds: REFRESH_SECONDS,
    main: html`<h1>Jobs</h1>
${jobs.length === 0 ? html`<p>No jobs yet.</p>` : jobTable(jobs)}
<h2>Start one</h2>
<p>Put photos into a folder of the bucket <code>${bucket}</code>, then:</p>
<pre><code>curl -X POST ${publicUrl}/start-job -H 'content-type: application/json' \\
  -d '{"s3Url":"s3://${bucket}/my-flight/","email":"you@example.com","preset":"preview"}'</code></pre>`,
  });

const jobTable = (jobs: readonly JobListEntry[]): Markup =>
  table(
    ['Job', 'State', 'Step', 'Preset', 'Started', 'Id'],
    ['Photos'],
    jobs.map(({ jobId, name, state, stage, preset, photos, failure, createdAt, startAt }) => [
      html`<a class="name" href="/jobs/${jobId}">${name}</a>`,
      html`${badge(state)}${failure !== null && html` <span class="quiet">${failureTitle(failure.code)}</span>`}${state === 'waiting' && stage === null && startAt !== null && html` <span class="quiet">starts at ${formatTime(startAt)}</span>`}`,
      stepTitle(stage),
      preset,
      formatTime(createdAt),
      html`<code>${jobId}</code>`,
      formatCount(photos),
    ]),
  );

/** Words for a step as Temporal lists it: null before the first, and `none` for a job without one. */
const stepTitle = (stage: string | null): string | null =>
  stage !== null && Object.hasOwn(STEP_TITLE, stage) ? STEP_TITLE[stage as keyof typeof STEP_TITLE] : null;
