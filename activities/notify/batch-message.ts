import { needsPerson } from '../../contracts/batch/member';
import type { BatchRecord } from '../../contracts/batch/record';
import { failureTitle } from '../../contracts/job/failures';
import { formatSeconds, formatTime, formatUsd } from '../../contracts/job/formats';
import { totalCostUsd, type JobRecord } from '../../contracts/job/record';
import { jobLinks } from '../../contracts/job/view';
import { inOneLine, STATE_WORD, WAITING_WORDS } from '../../contracts/job/words';
import { composed, type Content, type MailMessage } from '../../platform/mail/message';

/** A job of a batch as the summary tells it. */
export interface SummaryLine {
  readonly jobId: string;
  /** What people call it; empty of an erased job. */
  readonly name: string;
  /** Null where it was never started. */
  readonly record: JobRecord | null;
}

/** Jobs that the mail names; the API has them all. */
const MAX_NAMED = 40;

/** The mail about a batch of which nothing goes on by itself any more. */
export function batchMessage(batch: BatchRecord, lines: readonly SummaryLine[], publicUrl: string): MailMessage {
  const count = (is: (line: SummaryLine) => boolean): number => lines.filter(is).length;
  const done = count(({ record }) => record?.state === 'succeeded');
  const waiting = count(({ record }) => record !== null && needsPerson(record.state, record));
  const failed = count(({ record }) => record?.state === 'failed');
  const cancelled = count(({ record }) => record === null || record.state === 'cancelled');
  const cost = lines.reduce((sum, { record }) => sum + (record === null ? 0 : totalCostUsd(record)), 0);
  const lastNewsMs = Math.max(batch.createdAtMs, ...lines.map(({ record }) => record?.updatedAtMs ?? 0));
  const name = batch.name ?? batch.batchId;
  const ready = `${done} of ${lines.length} scenes ${done === 1 ? 'is' : 'are'} ready`;
  const heading = waiting > 0 ? `${ready}, ${waiting} ${waiting === 1 ? 'waits' : 'wait'} for you` : ready;
  const paragraphs: [string, string][] = [['What came of it', `${heading}.`]];
  if (failed > 0)
    paragraphs.push([
      'What failed',
      `${failed} failed; each job's page says why. Retrying the batch takes up all of them where they stopped.`,
    ]);
  if (waiting > 0)
    paragraphs.push([
      'What waits for you',
      'Each page below says what is asked, and until when. Waiting costs nothing.',
    ]);
  if (cancelled > 0) paragraphs.push(['What was cancelled', `${cancelled}; retrying the batch takes them up too.`]);
  paragraphs.push(['Cost', formatUsd(cost)]);
  return composed(
    {
      subject: `${heading} (${name})`,
      heading,
      paragraphs,
      list: listOf(lines, publicUrl),
      commands: [],
      linkLabel: 'Open the list of jobs',
      facts: [
        ['Name', name],
        ['Batch', batch.batchId],
        ['From its start to the last news', formatSeconds((lastNewsMs - batch.createdAtMs) / 1000)],
      ],
    },
    `${publicUrl}/`,
  );
}

/** Those that a person has to look at first, then the scenes. */
function listOf(lines: readonly SummaryLine[], publicUrl: string): Content['list'] {
  const links = jobLinks({ publicUrl });
  const rank = ({ record }: SummaryLine): number =>
    record === null ? 3 : record.state === 'succeeded' ? 2 : record.state === 'failed' ? 1 : 0;
  const sorted = lines.toSorted((a, b) => rank(a) - rank(b));
  const items = sorted.slice(0, MAX_NAMED).map((line) => `${titleOf(line)}: ${standing(line)}${pageOf(line)}`);
  const more = lines.length - items.length;
  return {
    label: 'The jobs',
    text: 'Each with its page:',
    items: more > 0 ? [...items, `and ${more} more, which the batch in the API lists`] : items,
  };

  function pageOf({ jobId, record }: SummaryLine): string {
    return record === null || record.erasedAtMs !== null ? '' : ` ${links.page(jobId)}`;
  }
}

const titleOf = ({ name, jobId }: SummaryLine): string => inOneLine(name) || jobId;

function standing({ record }: SummaryLine): string {
  if (record === null) return 'not started.';
  if (record.erasedAtMs !== null) return 'erased.';
  const { state, waiting, failure, parkedUntilMs } = record;
  if (state === 'waiting' && waiting !== null)
    return `${WAITING_WORDS[waiting.for].heading}${waiting.untilMs === null ? '' : `, until ${formatTime(waiting.untilMs)}`}.`;
  const why = failure === null || state === 'succeeded' ? '' : ` (${failureTitle(failure.code)})`;
  const until = state === 'parked' ? `, until ${formatTime(parkedUntilMs)}` : '';
  return `${STATE_WORD[state]}${why}${until}.`;
}
