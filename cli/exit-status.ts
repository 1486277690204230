import type { JobState } from '../contracts/job/state';

/** Exit statuses of `demo`. */
export const EXIT = { succeeded: 0, error: 1, failed: 2, cancelled: 3 } as const;

/** The exit status that tells how a job ended, or stands at the moment. */
export function exitStatus(state: JobState): number {
  switch (state) {
    case 'succeeded':
      return EXIT.succeeded;
    case 'cancelled':
      return EXIT.cancelled;
    case 'failed':
    case 'parked':
      return EXIT.failed;
    default:
      return EXIT.error;
  }
}
