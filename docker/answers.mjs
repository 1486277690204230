/**
 * Health check: `node answers.mjs URL` ends with 0 where the server there answers, which a refusal does
 * too; else with 1.
 */
const TIMEOUT_MS = 3000;

try {
  const { status } = await fetch(process.argv[2] ?? '', { signal: AbortSignal.timeout(TIMEOUT_MS) });
  process.exitCode = status < 500 ? 0 : 1;
  if (status >= 500) console.error(`status ${status}`);
} catch (error) {
  console.error(error instanceof Error ? String(error.cause ?? error) : error);
  process.exitCode = 1;
}
