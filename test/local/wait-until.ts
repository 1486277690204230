import { setTimeout as delay } from 'node:timers/promises';

const DEADLINE_MS = 20_000;
const POLL_MS = 5;

/** Resolves when the condition holds; fails with its description when it does not within 20 s. */
export async function waitUntil(description: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Still waiting until ${description}.`);
    await delay(POLL_MS);
  }
}
