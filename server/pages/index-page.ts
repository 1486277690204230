import type { JobListEntry } from '../../contracts/job/view';
import { html, type Markup } from '../../platform/html';
import { formatTime } from '../../contracts/job/formats';
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
    ['Job', 'State', 'Stage', 'Preset', 'Started'],
    [],
    jobs.map(({ jobId, state, stage, preset, startedAt }) => [
      html`<a href="/jobs/${jobId}">${jobId}</a>`,
      badge(state),
      stage,
      preset,
      formatTime(startedAt),
    ]),
  );
