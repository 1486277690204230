import { Problem } from './problem';

/** What a service answers; UNAVAILABLE where it does not. */
export async function reached<T>(service: 'The storage' | 'Temporal', answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('UNAVAILABLE', `${service} does not answer; nothing is lost, try again in a moment`, [], {
      cause: error,
    });
  }
}
