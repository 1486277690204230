import { UnreadableRecordError } from '../../platform/record-store';
import { Problem } from './problem';

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
