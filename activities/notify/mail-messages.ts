import { FAILURES, failure, failureTitle, type Failure } from '../../contracts/job/failures';
import { workflowId } from '../../contracts/machines/names';
import { tookSeconds, totalCostUsd, type JobRecord } from '../../contracts/job/record';
import { STEP_TITLE } from '../../contracts/job/state';
import { fittedAttempt, fitWords, unfittedWords } from '../../contracts/photos/fit';
import { FILES_STAY, inOneLine, jobName, parkedWords, undecidedWords, WAITING_WORDS } from '../../contracts/job/words';
import { acceptedMetrics } from '../../contracts/job/view';
import type { SignalName } from '../../contracts/messages/signals';
import { PRESET } from '../../contracts/stages/presets';
import { warningsOf } from '../../contracts/stages/reports';
import { s3Uri } from '../../contracts/storage/location';
import { STAGE } from '../../contracts/stages/stages';
import { composed, type Content, type MailMessage } from '../../platform/mail/message';
import { formatCount, figures, formatSeconds, formatTime, formatUsd } from '../../contracts/job/formats';

const MAX_PHOTOS_NAMED = 10;

/** Where the `temporal` program finds the deployment, for whoever reads the mail. */
export interface TemporalPlace {
  readonly address: string;
  readonly namespace: string;
}

/**
 * The mail about a job that succeeded, failed, waits for a retry or a decision, or was cancelled; it links `page`.
 * @param temporal what its commands name
 */
export function jobMessage(record: JobRecord, page: string, temporal: TemporalPlace): MailMessage {
  const content = {
    commands: [],
    linkLabel: 'Open the job',
    list: unfittedPhotos(record),
    facts: factsOf(record),
    ...contentOf(record, temporal),
  };
  return composed(content, page);
}

function contentOf(
  record: JobRecord,
  temporal: TemporalPlace,
): Pick<Content, 'subject' | 'heading' | 'paragraphs'> & Partial<Content> {
  const job = jobName(record.request);
  const cost = formatUsd(totalCostUsd(record));
  const { code, advice } = reasonOf(record);
  switch (record.state) {
    case 'succeeded':
      return {
        subject: `Your 3D scene is ready (${job})`,
        heading: 'Your 3D scene is ready',
        paragraphs: [
          ['Look at it', 'It opens in your browser; nothing needs to be installed.'],
          ['Take it with you', 'Its page has the compressed scene (.sog), the full model (.ply) and the report.'],
          ...warningsOf(acceptedMetrics(record)).map((warning): [string, string] => ['Good to know', warning]),
          ['Cost', cost],
        ],
        linkLabel: 'Open the scene',
      };
    case 'parked':
      return {
        subject: `${failureTitle(code)}: your job waits for you (${job})`,
        heading: failureTitle(code),
        paragraphs: [
          ['What happened', whatHappened(record)],
          ['What you can do', advice],
          [
            'Until when',
            `${parkedWords(record.parkedUntilMs)} Press Retry there and it continues where it stopped; what is ` +
              'finished is kept.',
          ],
          ...filesOf(record),
          ['Cost', `${cost} so far.`],
        ],
        commands: signalCommands(record, temporal, [['Retry', 'retry', retryInput(record)]]),
      };
    case 'waiting':
      return {
        subject: `${WAITING_WORDS.decision.heading}: continue with this result? (${job})`,
        heading: 'Continue with this result?',
        paragraphs: [
          [
            'What happened',
            `After "${stepOf(record)}": ${sentence(record.waiting?.message ?? 'the reason was not recorded')}`,
          ],
          [
            'What you can do',
            "Accept it on the job's page, and the scene is made of what there is. Or cancel the job there and try " +
              `again with better photos. ${gateAdvice(record)}`,
          ],
          ['Until when', undecidedWords(record.waiting?.untilMs ?? null)],
          ['Cost', `${cost} so far.`],
        ],
        commands: signalCommands(record, temporal, [
          ['Accept', 'accept'],
          ['Cancel', 'cancel'],
        ]),
        linkLabel: 'Decide',
      };
    case 'cancelled':
      return {
        subject: `Your job was cancelled (${job})`,
        heading: 'Your job was cancelled',
        paragraphs: [
          ['Cancelled by', `${record.cancelled?.by ?? 'someone unknown'}, on ${formatTime(record.cancelled?.atMs)}`],
          ['Reason', record.cancelled?.reason ?? 'not given'],
          [
            'What is left',
            'Its machines are stopped. What was finished is kept: to take the job up again, press Retry on its page.',
          ],
          ...filesOf(record),
          ['Cost', cost],
        ],
      };
    case 'failed':
      return {
        subject: `${failureTitle(code)}: your job failed (${job})`,
        heading: failureTitle(code),
        paragraphs: [
          ['What happened', whatHappened(record)],
          ['What you can do', advice],
          [
            'What is left',
            'The job has ended and its machines are stopped. What was finished is kept: to run it again from where ' +
              'it failed, press Retry on its page.',
          ],
          ...filesOf(record),
          ['Cost', cost],
        ],
      };
    default:
      return {
        subject: `News of your job (${job})`,
        heading: `Your job is ${record.state}`,
        paragraphs: [],
      };
  }
}

/** Why the job stopped; a mail about a failure must not fail itself where no reason was written down. */
const reasonOf = (record: JobRecord): Failure =>
  record.failure ?? failure('INTERNAL_ERROR', 'the reason was not recorded');
const stepOf = ({ step }: JobRecord): string => (step === null ? 'a step' : STEP_TITLE[step]);

const whatHappened = (record: JobRecord): string =>
  `The job stopped at "${stepOf(record)}": ${sentence(reasonOf(record).message)}`;

/** What a job that was to make other files still has. */
const filesOf = ({ result }: JobRecord): [string, string][] => (result === null ? [] : [['Its scene', FILES_STAY]]);

/** With a full stop; failures are written down without. */
const sentence = (text: string): string => text.trim().replace(/[^.!?]$/, '$&.');

/** What to do about what the gate found. */
function gateAdvice({ gates }: JobRecord): string {
  const found = gates.findLast(({ verdict, acceptedBy }) => verdict === 'undecided' && acceptedBy === null)?.failure;
  return found ? (found.advice ?? FAILURES[found.code].advice) : '';
}

/** The first photos that did not fit with the others, and why. */
function unfittedPhotos(record: JobRecord): Content['list'] {
  const fit = fittedAttempt(record)?.fit;
  if (fit === undefined || fit.unfittedCount === 0) return null;
  const named = fit.unfitted.slice(0, MAX_PHOTOS_NAMED);
  const more = fit.unfittedCount - named.length;
  const items = named.map((photo) => `${inOneLine(photo.name)}: ${unfittedWords(photo)}`);
  return {
    label: 'Which photos did not fit',
    text: fitWords(fit),
    items: more > 0 ? [...items, `and ${formatCount(more)} more, which the page lists`] : items,
  };
}

const signalCommands = (
  { jobId }: JobRecord,
  { address, namespace }: TemporalPlace,
  signals: readonly (readonly [label: string, signal: SignalName, input?: string])[],
): Content['commands'] =>
  signals.map(([label, signal, input = '']) => [
    label,
    `temporal workflow signal --address ${inShell(address)} --namespace ${inShell(namespace)} ` +
      `--workflow-id ${workflowId(jobId)} --name ${signal}${input}`,
  ]);

/** A word of a command line, quoted where a shell would read something into it. */
const inShell = (word: string): string => (/^[\w.:@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** A limit that ended the job would end it again: the command doubles it. */
function retryInput({ failure: why, request: { budgetUsd, maxHours } }: JobRecord): string {
  if (why?.code !== 'BUDGET_EXCEEDED') return '';
  const doubled = { ...(budgetUsd && { budgetUsd: 2 * budgetUsd }), ...(maxHours && { maxHours: 2 * maxHours }) };
  return ` --input '${JSON.stringify(doubled)}'`;
}

function factsOf(record: JobRecord): [string, string][] {
  const { jobId, request, photos, endedAtMs, attempts, failure: why } = record;
  const facts: [string, string][] = [
    ['Name', jobName(request)],
    ['Job', jobId],
    ['Photos from', s3Uri(request.location)],
    ['Preset', PRESET[request.preset].title],
    ...figures(photos, acceptedMetrics(record)),
  ];
  if (why !== null) facts.push(['Error code', why.code]);
  for (const { stage, attempt, billedSeconds, costUsd } of attempts)
    facts.push([
      `${STAGE[stage].title}${attempt > 1 ? `, attempt ${attempt}` : ''}`,
      `${formatSeconds(billedSeconds)}, ${formatUsd(costUsd)}`,
    ]);
  if (endedAtMs !== null) facts.push(['Time from start to end', formatSeconds(tookSeconds(record, endedAtMs))]);
  return facts;
}
