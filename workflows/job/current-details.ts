import { totalCostUsd, type JobRecord } from '../../contracts/job/record';
import type { WaitsFor } from '../../contracts/job/state';
import { WAITING_WORDS } from '../../contracts/job/words';
import { isStage } from '../../contracts/stages/stage';
import { STAGE } from '../../contracts/stages/stages';

/** How to answer from Temporal's Web UI or CLI. */
const ANSWER: Readonly<Record<WaitsFor, string>> = {
  start: '. Send the signal `change` with another `startAt`, or `cancel`.',
  capacity: '',
  decision: '. Send the signal `accept` to continue, or `cancel`.',
  resume: '. Send the signal `resume` to continue.',
};

const until = (untilMs: number | null): string[] =>
  untilMs === null ? [] : [`(until ${new Date(untilMs).toISOString()})`];

/** A job in Markdown, for the Web UI's "current details": what it does, what it has cost, where to look. */
export function describeForPeople(record: JobRecord, pageUrl: string): string {
  const step = record.step === null ? '' : isStage(record.step) ? STAGE[record.step].title : record.step;
  const lines = [
    `**${record.state}**${step === '' ? '' : ` · ${step}`} · ${totalCostUsd(record).toFixed(2)} USD so far`,
    '',
    `[Job page](${pageUrl})`,
  ];
  if (record.photos !== null)
    lines.push('', `${record.photos.accepted} photos used, ${record.photos.rejected.length} not`);
  if (record.failure !== null)
    lines.push('', `**${record.failure.code}**: ${record.failure.message}`, '', record.failure.advice);
  if (record.cancelled !== null) lines.push('', `Cancelled by ${record.cancelled.by}: ${record.cancelled.reason}`);
  if (record.waiting !== null)
    lines.push(
      '',
      `Waits for ${WAITING_WORDS[record.waiting.for].what}: ${record.waiting.message}${ANSWER[record.waiting.for]}`,
      ...until(record.waiting.untilMs),
    );
  else if (record.pauseRequested) lines.push('', 'Pauses before the next stage.');
  if (record.notice !== null) lines.push('', record.notice);
  if (record.parkedUntilMs !== null)
    lines.push('', `Waits for the signal \`retry\` until ${new Date(record.parkedUntilMs).toISOString()}`);
  if (record.attempts.length > 0) {
    lines.push('', '| stage | attempt | machine | status | seconds | USD |', '|---|---|---|---|---|---|');
    for (const { stage, part, attempt, instanceType, status, billedSeconds, costUsd } of record.attempts) {
      const work = `${stage}${part === null ? '' : ` part ${part}`}`;
      const cells = [work, attempt, instanceType, status, Math.round(billedSeconds), costUsd.toFixed(3)];
      lines.push(`| ${cells.join(' | ')} |`);
    }
  }
  return lines.join('\n');
}
