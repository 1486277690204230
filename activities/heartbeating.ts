import { heartbeat } from '@temporalio/activity';

/** Well below every heartbeat timeout that a policy might set. */
const INTERVAL_MS = 1000;

/**
 * Runs `work` and heartbeats all the while, with what it reported last: for work whose steps may each take long. When
 * the heartbeats end, its worker was killed; how long it may take in all is for startToCloseTimeout to say.
 */
export async function heartbeating<T>(work: (report: (details: unknown) => void) => Promise<T>): Promise<T> {
  let details: unknown;
  const timer = setInterval(() => heartbeat(details), INTERVAL_MS);
  try {
    return await work((next) => (details = next));
  } finally {
    clearInterval(timer);
  }
}
