import { formatTime } from './formats';
import type { JobRequest } from './record';
import type { JobState, WaitsFor } from './state';
import { ARCHIVE_ENDING } from '../storage/location';

/** Longest name of a job, in characters. */
export const MAX_JOB_NAME_LENGTH = 100;

/** Control characters, line ends, and marks that turn the direction of what follows: a name would hide what it is. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu;

/** One line of text from outside, as it may stand in a subject, a terminal or a page. */
export const inOneLine = (text: string): string => text.replace(UNPRINTABLE, ' ').trim();

/** Whether a text holds none of the characters that `inOneLine` replaces. */
export const isOneLine = (text: string): boolean => text.search(UNPRINTABLE) < 0;

/**
 * What people call a job: the name that it was given, else that of the folder or archive of its photos, without the
 * archive's ending; the bucket's where that is all there is. One line, cut at `MAX_JOB_NAME_LENGTH`. Empty only for a
 * job that was erased.
 */
export function jobName({ name, location: { bucket, key } }: Pick<JobRequest, 'name' | 'location'>): string {
  const place = inOneLine((key.split('/').findLast((segment) => segment !== '') ?? bucket).replace(ARCHIVE_ENDING, ''));
  const characters = Array.from(name ?? (place || bucket)); // whole characters, not halves of them
  return characters.length <= MAX_JOB_NAME_LENGTH
    ? characters.join('')
    : `${characters.slice(0, MAX_JOB_NAME_LENGTH - 1).join('')}…`;
}

/** A job's state in a word or two, as a label. */
export const STATE_WORD: Readonly<Record<JobState, string>> = {
  queued: 'Queued',
  running: 'Running',
  waiting: 'Waiting',
  parked: 'Failed, can be retried',
  cancelling: 'Stopping',
  succeeded: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

interface WaitingWords {
  /** In place of STATE_WORD's "Waiting". */
  readonly label: string;
  readonly heading: string;
  /** Follows "waiting for". */
  readonly what: string;
}

export const WAITING_WORDS: Readonly<Record<WaitsFor, WaitingWords>> = {
  start: { label: 'Starts later', heading: 'Not started yet', what: 'its time' },
  capacity: { label: 'Waiting for a machine', heading: 'Waiting for a machine', what: 'a machine' },
  decision: { label: 'Waiting for you', heading: 'Your decision is needed', what: 'a decision' },
  resume: { label: 'Paused', heading: 'Paused', what: 'the end of a pause' },
};

/** The state as a label, and of a waiting job what for, where that is known. */
export const stateWord = (state: JobState, waitsFor: WaitsFor | null | undefined): string =>
  typeof waitsFor === 'string' ? WAITING_WORDS[waitsFor].label : STATE_WORD[state];

/** What a parked job waits for, and what happens without it: the same on its page and in its mail. */
export const parkedWords = (until: string | number | null): string =>
  `The job waits until ${formatTime(until)} for a retry, and waiting costs nothing. Without one it then ends as ` +
  'failed, of which no further mail is sent; it can still be retried on its page after that.';

/** The same of a job that asks for a decision. */
export const undecidedWords = (until: string | number | null): string =>
  `The job waits until ${formatTime(until)} for an answer, and waiting costs nothing. Without one it then ends as ` +
  'failed, and a mail says so; it can still be retried on its page after that.';

/** Of a job that has published before, and did not come to the other files that it was told to make. */
export const FILES_STAY =
  'The scene and the files that the job had are still there; only the other files were not made.';
