import { setTimeout as delay } from 'node:timers/promises';

type Falsy = false | null | undefined | 0 | '';

/** Waits until `check` gives something truthy, and returns it; errors of `check` count as "not yet". */
export async function waitFor<T>(
  what: string,
  check: () => T | Promise<T>,
  timeoutMs = 30_000,
): Promise<Exclude<T, Falsy>> {
  const deadline = Date.now() + timeoutMs;
  let lastError: unknown;
  while (Date.now() < deadline) {
    try {
      const value = await check();
      if (value) return value as Exclude<T, Falsy>;
    } catch (error) {
      lastError = error;
    }
    await delay(20);
  }
  const last = lastError instanceof Error ? ` (last: ${lastError.message})` : '';
  throw new Error(`waited ${timeoutMs} ms for: ${what}${last}`);
}
