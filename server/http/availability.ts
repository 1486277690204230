import { UnreadableRecordError } from '../../platform/record-store';
import { InvalidCursorError } from '../storage/jobs/cursor';
import { Problem } from './problem';
import { invalidRequest } from './request-schemas';

/** What a service answers; UNAVAILABLE where it does not. A record that cannot be read is an error of ours. */
export async function reached<T>(
  service: 'The storage' | 'The log service' | 'The database' | 'The mail server' | 'Temporal',
  answer: Promise<T>,
): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Problem || error instanceof UnreadableRecordError) throw error;
    throw new Problem('UNAVAILABLE', `${service} does not answer; nothing is lost, try again in a moment`, [], {
      cause: error,
    });
  }
}

/** A page of a list of the database; INVALID_REQUEST where its cursor is none. */
export const reachedPage = <T>(page: Promise<T>): Promise<T> =>
  reached(
    'The database',
    page.catch((error: unknown) => {
      throw error instanceof InvalidCursorError ? invalidRequest([{ field: 'cursor', message: error.message }]) : error;
    }),
  );
