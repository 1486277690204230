import { JOB_ID_PATTERN } from '../../../contracts/machines/names';

/** Where a page of a list ends: the next one begins behind it. */
export interface ListPosition {
  readonly createdAtMs: number;
  /** Of a job, a batch or a link: what tells those of one moment apart. */
  readonly id: string;
}

/** What was handed over as a cursor is none. */
export class InvalidCursorError extends Error {}

const TEXT = /^(\d{1,15})\.([\w-]+)$/;

/** The cursor of a position: for its holder a word that means nothing. */
export const cursorOf = ({ createdAtMs, id }: ListPosition): string =>
  Buffer.from(`${createdAtMs}.${id}`).toString('base64url');

/**
 * A page of a list, cut from rows of which one more was asked for than it holds: where that one is there, another page
 * follows.
 */
export function pageOf<T>(
  rows: readonly T[],
  limit: number,
  position: (row: T) => ListPosition,
): { readonly rows: readonly T[]; readonly nextCursor: string | null } {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return { rows: rows.slice(0, limit), nextCursor: last === undefined ? null : cursorOf(position(last)) };
}

/**
 * The position that a cursor stands for. Throws InvalidCursorError for anything that `cursorOf` never makes.
 *
 * @param ids what the ids of the list look like
 */
export function positionOf(cursor: string, ids = JOB_ID_PATTERN): ListPosition {
  const [, createdAtMs = '', id = ''] = TEXT.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  const position = { createdAtMs: Number(createdAtMs), id };
  if (!ids.test(id) || cursorOf(position) !== cursor)
    throw new InvalidCursorError('must be the nextCursor of an earlier answer');
  return position;
}
