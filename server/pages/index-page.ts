import type { JobListEntry } from '../../contracts/job/view';
import { html, type Markup } from '../../platform/html';
import { formatTime } from '../../contracts/job/words';
import { badge, layoutPage } from './layout';

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

const jobTable = (jobs: readonly JobListEntry[]): Markup => html`<div class="scroll"><table>
<thead><tr><th>Job</th><th>State</th><th>Stage</th><th>Preset</th><th>Started</th></tr></thead>
<tbody>${jobs.map(
  (
    job,
  ) => html`<tr><td><a href="/jobs/${job.jobId}">${job.jobId}</a></td><td>${badge(job.state)}</td><td>${job.stage}</td><td>${job.preset}</td><td>${formatTime(Date.parse(job.startedAt))}</td></tr>
`,
)}</tbody>
</table></div>`;
