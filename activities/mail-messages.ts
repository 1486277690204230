import { workflowId } from '../contracts/job-names';
import type { JobRecord } from '../contracts/job-record';
import { s3Uri } from '../contracts/s3-location';
import { STAGES, STAGE_TITLE } from '../contracts/stages';
import { html, type Markup } from '../platform/html';
import { formatBytes, formatCount, formatNumber, formatSeconds, formatTime, formatUsd } from '../platform/wording';

export interface MailMessage {
  /** One line without control characters. */
  readonly subject: string;
  readonly text: string;
  /** A whole document: no outside images, styles in place. */
  readonly html: string;
}

/** A record of which anything may be missing: a mail about a failure must not fail itself. */
export type IncompleteRecord = { readonly [K in keyof JobRecord]?: JobRecord[K] | null };

export interface MailLinks {
  /** The job's page. */
  readonly page: string;
}

/** What a message says, before it is text or HTML. */
interface Content {
  readonly subject: string;
  readonly heading: string;
  readonly paragraphs: readonly string[];
  /** Commands for a terminal, shown as they are. */
  readonly command?: string;
  readonly linkLabel: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
}

const MAX_SUBJECT_LENGTH = 120;

/** The mail about a job that succeeded, failed, waits for a retry, or was cancelled. */
export function jobMessage(record: IncompleteRecord, { page }: MailLinks): MailMessage {
  const content = contentOf(record);
  return { subject: subjectLine(content.subject), text: asText(content, page), html: asHtml(content, page).toString() };
}

function contentOf(record: IncompleteRecord): Content {
  const facts = factsOf(record);
  const job = jobOf(record);
  switch (record.state) {
    case 'succeeded':
      return {
        subject: `Your 3D scene is ready (${job})`,
        heading: 'Your 3D scene is ready',
        paragraphs: ['Open it in your browser; its page also has the downloads: the compressed scene (.sog), the full model (.ply) and the report.'],
        linkLabel: 'Open the scene',
        facts,
      };
    case 'parked':
      return {
        subject: `Your job needs you (${job}): ${codeOf(record)}`,
        heading: whatHappened(record),
        paragraphs: [
          adviceOf(record),
          `Until ${formatTime(record.parkedUntilMs)} the job waits for a retry, and everything that is finished is kept: press Retry on its page, or use the command below. After that it ends as failed.`,
        ],
        command: retryCommand(record),
        linkLabel: 'Open the job',
        facts,
      };
    case 'cancelled':
      return {
        subject: `Your job was cancelled (${job})`,
        heading: 'Your job was cancelled',
        paragraphs: [`Reason: ${record.cancelled?.reason ?? 'not given'}.`, `Its machines are stopped. It cost ${formatUsd(costOf(record))}.`],
        linkLabel: 'Open the job',
        facts,
      };
    case 'failed':
      return {
        subject: `Your job failed (${job}): ${codeOf(record)}`,
        heading: whatHappened(record),
        paragraphs: [adviceOf(record), 'To run it again from the failed stage, press Retry on its page; everything that is finished is kept.'],
        linkLabel: 'Open the job',
        facts,
      };
    default:
      return {
        subject: `News of your job (${job})`,
        heading: `Your job is ${record.state ?? 'in an unknown state'}`,
        paragraphs: [],
        linkLabel: 'Open the job',
        facts,
      };
  }
}

const jobOf = ({ jobId, request }: IncompleteRecord): string =>
  request?.location ? s3Uri(request.location).replace(/^s3:\/\//, '') : (jobId ?? 'unknown job');
const codeOf = ({ failure }: IncompleteRecord): string => failure?.code ?? 'INTERNAL_ERROR';
const adviceOf = ({ failure }: IncompleteRecord): string => failure?.advice ?? 'Retry the job; if it happens again, tell the operator the job id.';
const costOf = ({ attempts }: IncompleteRecord): number => (attempts ?? []).reduce((sum, attempt) => sum + attempt.costUsd, 0);

function whatHappened({ failure, step }: IncompleteRecord): string {
  const where = STAGES.find((stage) => stage === step);
  const what = failure?.message ?? 'the reason could not be recorded';
  return `Your job failed${where === undefined ? '' : ` in "${STAGE_TITLE[where]}"`}: ${what}`;
}

const retryCommand = ({ jobId }: IncompleteRecord): string | undefined =>
  jobId ? `temporal workflow signal --workflow-id ${workflowId(jobId)} --name retry` : undefined;

function factsOf(record: IncompleteRecord): [string, string][] {
  const { jobId, request, photos, createdAtMs, endedAtMs, attempts } = record;
  const { sfm, training, compression } = record.accepted ?? {};
  const facts: [string, string][] = [['Job', jobId ?? 'unknown']];
  const fact = (name: string, value: string, known: unknown): void => {
    if (known !== null && known !== undefined) facts.push([name, value]);
  };
  fact('Photos from', request?.location ? s3Uri(request.location) : '', request?.location);
  fact('Preset', String(request?.preset), request?.preset);
  const leftOut = photos?.rejected?.length ?? 0;
  fact('Photos taken', `${formatCount(photos?.accepted)}${leftOut > 0 ? `, ${formatCount(leftOut)} left out` : ''}`, photos);
  fact('Photos that fit together', `${formatCount(sfm?.metrics?.registered)} of ${formatCount(sfm?.metrics?.photos)}`, sfm?.metrics);
  fact('Points', formatCount(sfm?.metrics?.points), sfm?.metrics);
  fact('Gaussians', formatCount(training?.metrics?.gaussians), training?.metrics);
  const quality = training?.metrics;
  fact('Quality on photos held out', `PSNR ${formatNumber(quality?.psnr, 2, ' dB')}, SSIM ${formatNumber(quality?.ssim, 3)}`, quality);
  const size = compression?.metrics;
  fact('Size for the web', `${formatBytes(size?.bytes)}, ${formatNumber(size?.ratioSh3, 1)} times smaller`, size);
  fact('Error code', codeOf(record), record.failure);
  for (const { stage, attempt, billedSeconds, costUsd } of attempts ?? [])
    fact(`${STAGE_TITLE[stage]}${attempt > 1 ? `, attempt ${attempt}` : ''}`, `${formatSeconds(billedSeconds)}, ${formatUsd(costUsd)}`, stage);
  const duration = createdAtMs && endedAtMs ? (endedAtMs - createdAtMs) / 1000 : null;
  fact('Time from start to end', formatSeconds(duration), duration);
  fact('Cost', formatUsd(costOf(record)), attempts);
  return facts;
}

/** Control characters would end the header or hide in it; very long subjects are cut. */
function subjectLine(subject: string): string {
  const line = subject.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  return line.length <= MAX_SUBJECT_LENGTH ? line : `${line.slice(0, MAX_SUBJECT_LENGTH - 1)}…`;
}

function asText({ heading, paragraphs, command, linkLabel, facts }: Content, page: string): string {
  const blocks = [heading, ...paragraphs, ...(command === undefined ? [] : [`  ${command}`]), `${linkLabel}: ${page}`];
  return `${[...blocks, facts.map(([name, value]) => `${name}: ${value}`).join('\n')].join('\n\n')}\n`;
}

const asHtml = ({ heading, paragraphs, command, linkLabel, facts }: Content, page: string): Markup => html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${heading}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif"><div style="max-width:36em;margin:0 auto">
<h1 style="font-size:20px;margin:0 0 12px">${heading}</h1>
${paragraphs.map((paragraph) => html`<p>${paragraph}</p>
`)}
${command !== undefined && html`<p><code style="font-family:ui-monospace,monospace;font-size:13px">${command}</code></p>`}
<p style="margin:24px 0"><a href="${page}" style="display:inline-block;padding:10px 20px;border-radius:8px;background:#2456c7;color:#fff;text-decoration:none">${linkLabel}</a></p>
<p style="font-size:13px">If the button does not work: ${page}</p>
<table style="border-collapse:collapse;font-size:14px">${facts.map(
  ([name, value]) => html`<tr><td style="padding:2px 16px 2px 0;opacity:.7">${name}</td><td style="padding:2px 0">${value}</td></tr>
`,
)}</table>
</div></body></html>
`;
