import { figures, formatBytes, formatSeconds, formatTime, formatUsd } from '../../contracts/job/formats';
import { fitWords, unfittedWords } from '../../contracts/photos/fit';
import { STEP_TITLE } from '../../contracts/job/state';
import type { JobView } from '../../contracts/job/view';
import { inOneLine, parkedWords, stateWord, undecidedWords } from '../../contracts/job/words';
import { PRIORITY } from '../../contracts/messages/settings';
import { phaseWords } from '../../contracts/stages/phases';
import { STAGE } from '../../contracts/stages/stages';
import { columns } from './columns';

const MAX_REJECTED_SHOWN = 10;

/** What `job ID` prints: how a job stands, what it made or what went wrong, and what it has cost. */
export function jobDetails(job: JobView): string {
  const facts: (readonly [string, string] | false)[] = [
    ['Job', job.jobId],
    ['Name', inOneLine(job.name)],
    ['State', stateOf(job)],
    ['Photos from', inOneLine(job.input)],
    ['Preset', job.preset],
    job.priority !== PRIORITY.default && ['Priority', String(job.priority)],
    ['Started', formatTime(job.createdAt)],
    job.endedAt !== null && ['Ended', formatTime(job.endedAt)],
    ...happened(job),
    ...figures(job.photos, job.stages),
    ['Cost', formatUsd(job.costUsd)],
    ['Page', job.pageUrl],
  ];
  return [columns(facts.filter((fact) => fact !== false)), ledger(job), unfitted(job), leftOut(job), files(job)]
    .filter((part) => part !== '')
    .join('\n\n');
}

function stateOf({ state, step, waiting, stageProgress, pauseRequested }: JobView): string {
  const parts = [
    stateWord(state, waiting?.for),
    step !== null && state !== 'succeeded' && STEP_TITLE[step],
    stageProgress?.phase && inOneLine(phaseWords(stageProgress.stage, stageProgress.phase)),
    typeof stageProgress?.fraction === 'number' && `${Math.floor(stageProgress.fraction * 100)} %`,
    pauseRequested && waiting?.for !== 'resume' && 'pauses before the next stage',
  ];
  return parts.filter(Boolean).join(', ');
}

/** Why it stands as it does, and what a person can do. */
function happened({ jobId, state, failure, waiting, parkedUntil, cancelled, notice }: JobView): [string, string][] {
  const command = (name: string): string => `npm run spaceport -- ${name} ${jobId}`;
  const lines: [string, string][] = [];
  if (failure !== null)
    lines.push(['Why', `${failure.code}: ${inOneLine(failure.message)}`], ['What to do', failure.advice]);
  if (parkedUntil !== null) lines.push(['Until when', parkedWords(parkedUntil)]);
  if (failure !== null) lines.push(['Retry it', command('retry')]);
  if (waiting !== null) lines.push(['Waits', inOneLine(waiting.message)]);
  if (waiting?.for === 'decision')
    lines.push(['Until when', undecidedWords(waiting.until)], ['Accept it', command('accept')]);
  if (waiting?.for === 'resume') lines.push(['Resume it', command('resume')]);
  if (cancelled !== null && state !== 'succeeded')
    lines.push([
      'Cancelled',
      `${formatTime(cancelled.at)} by ${inOneLine(cancelled.by)}: ${inOneLine(cancelled.reason)}`,
    ]);
  if (notice !== null) lines.push(['Notice', inOneLine(notice)]);
  return lines;
}

function ledger({ attempts }: JobView): string {
  if (attempts.length === 0) return '';
  const rows = attempts.map(({ stage, attempt, instanceType, status, seconds, costUsd, failure }) => [
    STAGE[stage].title,
    String(attempt),
    instanceType,
    failure === null ? status : `${status}: ${failure.code}`,
    formatSeconds(seconds),
    formatUsd(costUsd),
  ]);
  return columns([['STAGE', 'ATTEMPT', 'MACHINE', 'OUTCOME', 'TIME', 'COST'], ...rows]);
}

function unfitted({ fit }: JobView): string {
  if (fit === null || fit.unfittedCount === 0) return '';
  const lines = fit.unfitted
    .slice(0, MAX_REJECTED_SHOWN)
    .map((photo) => `  ${inOneLine(photo.name)}: ${unfittedWords(photo)}`);
  const more = fit.unfittedCount - lines.length;
  return [`Did not fit: ${fitWords(fit)}`, ...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}

function leftOut({ photos }: JobView): string {
  const rejected = photos?.rejected ?? [];
  if (rejected.length === 0) return '';
  const lines = rejected
    .slice(0, MAX_REJECTED_SHOWN)
    .map(({ name, reason }) => `  ${inOneLine(name)}: ${inOneLine(reason)}`);
  const more = rejected.length - lines.length;
  return ['Left out:', ...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}

const files = ({ result }: JobView): string =>
  result === null
    ? ''
    : columns([
        ['FILE', 'SIZE', 'ADDRESS'],
        ...result.files.map(({ name, bytes, url }) => [name, formatBytes(bytes), url]),
      ]);
