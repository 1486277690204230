import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { iso } from '../../contracts/job/view';
import type { JobRecord } from '../../contracts/job/record';
import type { LogLineView, LogView } from '../../contracts/messages/log-view-schema';
import { bounded, OverloadedError, sharing } from '../../platform/bounded';
import type { LogLine, LogPage, LogStream, PageStart } from '../../platform/machine-logs/log-stream';
import { parseStoredLog, storedLine } from '../../platform/machine-logs/stored-log';
import { downloadName } from '../files/download-name';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import type { JobLookup } from '../jobs/lookup';
import { chosenAttempt, isSettled, refuseDeleted, type ChosenAttempt, type LogQuery } from './attempts';
import { cursorAfter, formatCursor, indexAfter, type LogCursor } from './log-cursor';
import type { LogStore } from './log-store';

export const logLineView = ({ atMs, text: line }: LogLine): LogLineView => ({ at: iso(atMs), text: line });

/** What programs have printed. Every call throws LOG_NOT_FOUND, and what JobLookup throws. */
export interface ReadLogs {
  /** The lines behind `after`, `limit` of them at most. */
  page(
    caller: Caller,
    jobId: string,
    query: LogQuery,
    place: { readonly after: LogCursor; readonly limit: number },
  ): Promise<LogView>;
  /** A whole log as text, a line a line with its time; so far, while its program runs. */
  whole(caller: Caller, jobId: string, query: LogQuery): Promise<{ readonly name: string; readonly content: Readable }>;
}

interface ReadLogsDeps {
  readonly lookup: Pick<JobLookup, 'record'>;
  readonly store: LogStore;
  readonly now: () => number;
}

/** Pages of 1 MB that are looked through for the lines of one answer. */
const MAX_PAGES = 200;
/** An answer ends at the line with which it has so many characters. */
const MAX_CHARACTERS = 2 ** 20;
/** Readings under way, each of which holds some MB; of others so many may wait. */
const READS_AT_ONCE = 8;
const READS_WAITING = 100;

export function createReadLogs({ lookup, store, now }: ReadLogsDeps): ReadLogs {
  const inTurn = bounded(READS_AT_ONCE, READS_WAITING);
  const shared = sharing<LogView>();

  const live = async (stream: LogStream, after: LogCursor, limit: number): Promise<Found> => {
    const lines: LogLine[] = [];
    let start: PageStart = { fromMs: after.atMs };
    /** What of the millisecond of `after` is still to be passed over. */
    let rest = after;
    for (let pages = 0; pages < MAX_PAGES; pages += 1) {
      const page: LogPage | null = await reached('The log service', store.page(stream, start));
      if (page === null) return { lines, isAll: true };
      const from = indexAfter(page.lines, rest);
      const passed = page.lines.slice(0, from).filter(({ atMs }) => atMs === after.atMs).length;
      rest = { ...rest, lines: rest.lines - passed };
      const fresh = page.lines.slice(from);
      const taken = cut(fresh, limit - lines.length);
      lines.push(...taken);
      if (taken.length < fresh.length || isEnough(lines, limit)) return { lines, isAll: false };
      if (page.isLast) return { lines, isAll: true };
      start = { token: page.token };
    }
    return { lines, isAll: false };
  };

  const read = async (record: JobRecord, chosen: ChosenAttempt, after: LogCursor, limit: number): Promise<Found> => {
    const stored = chosen.hasEnded ? await reached('The storage', store.stored(record.jobId, chosen)) : null;
    if (stored !== null) {
      const all = parseStoredLog(await reached('The storage', text(stored)));
      const from = indexAfter(all, after);
      const lines = cut(all.slice(from), limit);
      return { lines, isAll: from + lines.length === all.length };
    }
    const stream = await reached('The log service', store.find(chosen));
    if (stream === null && chosen.hasEnded) refuseDeleted(record);
    const found = stream === null ? { lines: [], isAll: true } : await live(stream, after, limit);
    return { ...found, isAll: found.isAll && isSettled(chosen, now()) };
  };

  return {
    async page(caller, jobId, query, { after, limit }) {
      const record = await lookup.record(caller, jobId);
      const chosen = chosenAttempt(record, query);
      const { stage, part, attempt, jobName } = chosen;
      const make = async (): Promise<LogView> => {
        const { lines, isAll } = await read(record, chosen, after, limit);
        const next = isAll ? null : formatCursor(cursorAfter(after, lines));
        return { jobId, stage, part, attempt, lines: lines.map(logLineView), next };
      };
      try {
        return await shared(JSON.stringify([jobName, after, limit]), () => inTurn(make));
      } catch (error) {
        if (error instanceof OverloadedError)
          throw new Problem('OVERLOADED', 'many logs are being read; nothing is lost, try again in a moment');
        throw error;
      }
    },

    async whole(caller, jobId, query) {
      const record = await lookup.record(caller, jobId);
      const chosen = chosenAttempt(record, query);
      const { stage, part, attempt } = chosen;
      const number = String(attempt).padStart(2, '0');
      const file = `${stage}-a${number}${part === null ? '' : `-p${part}`}.log.txt`;
      const name = downloadName(record, file, 'save');
      const stored = chosen.hasEnded ? await reached('The storage', store.stored(jobId, chosen)) : null;
      if (stored !== null) return { name, content: stored };
      const stream = await reached('The log service', store.find(chosen));
      if (stream === null && chosen.hasEnded) refuseDeleted(record);
      return { name, content: Readable.from(stream === null ? [] : wholeText(store, stream), { objectMode: false }) };
    },
  };
}

interface Found {
  readonly lines: readonly LogLine[];
  /** Nothing follows them, and never will. */
  readonly isAll: boolean;
}

/** As many of the lines as an answer takes, and one at least. */
function cut(lines: readonly LogLine[], limit: number): readonly LogLine[] {
  let characters = 0;
  const end = lines.findIndex((line, index) => index >= limit || (characters += line.text.length) > MAX_CHARACTERS);
  return end < 0 ? lines : lines.slice(0, Math.max(1, end));
}

const isEnough = (lines: readonly LogLine[], limit: number): boolean =>
  lines.length >= limit || lines.reduce((sum, line) => sum + line.text.length, 0) > MAX_CHARACTERS;

/** The text of a log page by page, each read when the one before has been taken. */
async function* wholeText(store: LogStore, stream: LogStream): AsyncGenerator<string> {
  let start: PageStart = { fromMs: 0 };
  for (;;) {
    const page: LogPage | null = await store.page(stream, start);
    if (page === null) return;
    if (page.lines.length > 0) yield page.lines.map(storedLine).join('');
    if (page.isLast) return;
    start = { token: page.token };
  }
}
