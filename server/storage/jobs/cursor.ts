import { JOB_ID_PATTERN } from '../../../contracts/machines/names';

/** Where a page of a list ends: the next one begins behind it. */
export interface ListPosition {
  readonly createdAtMs: number;
  readonly jobId: string;
}

/** What was handed over as a cursor is none. */
export class InvalidCursorError extends Error {}

const TEXT = /^(\d{1,15})\.([a-z0-9]+)$/;

/** The cursor of a position: for its holder a word that means nothing. */
export const cursorOf = ({ createdAtMs, jobId }: ListPosition): string =>
  Buffer.from(`${createdAtMs}.${jobId}`).toString('base64url');

/** The position that a cursor stands for. Throws InvalidCursorError for anything that `cursorOf` never makes. */
export function positionOf(cursor: string): ListPosition {
  const [, createdAtMs = '', jobId = ''] = TEXT.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  const position = { createdAtMs: Number(createdAtMs), jobId };
  if (!JOB_ID_PATTERN.test(jobId) || cursorOf(position) !== cursor)
    throw new InvalidCursorError('must be the nextCursor of an earlier answer');
  return position;
}
