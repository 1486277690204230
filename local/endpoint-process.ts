import { once } from 'node:events';
import pino from 'pino';
import { z } from 'zod';
import { loggerOnStderr, type Logger } from '../platform/logger';

/** A port to listen on; 0 lets the system choose. */
export const portSetting = z.coerce.number().int().min(0).max(65_535).default(0);

export const logLevelSetting = z.enum(['debug', 'info', 'warn', 'error']).default('info');

interface Endpoint<S> {
  /** The log's name. */
  name: string;
  /** For people, such as "The mail sink". */
  title: string;
  /** What the environment must hold. */
  environment: z.ZodType<S>;
  /** Resolves once it serves; `ready` is what the line on stdout says. */
  start: (settings: S, logger: Logger) => Promise<{ ready: Record<string, string>; close: () => Promise<void> }>;
}

/**
 * Runs an endpoint as this process until SIGTERM or SIGINT. Stdout gets one line of JSON when it is ready; the log goes
 * to stderr. An environment that does not do ends it with status 2 and a list of every problem.
 */
export async function runEndpoint<S extends { LOG_LEVEL: string }>(
  variables: NodeJS.ProcessEnv,
  { name, title, environment, start }: Endpoint<S>,
): Promise<void> {
  const parsed = environment.safeParse(variables);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    process.stderr.write(`${title} cannot start with this environment:\n${problems.join('\n')}\n`);
    process.exit(2);
  }
  const { logger } = loggerOnStderr({
    name,
    level: parsed.data.LOG_LEVEL,
    serializers: { error: pino.stdSerializers.err },
  });
  try {
    const { ready, close } = await start(parsed.data, logger);
    const toldToEnd = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
    process.stdout.write(`${JSON.stringify(ready)}\n`);
    await toldToEnd;
    await close();
  } catch (error) {
    process.stderr.write(
      `${title} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exitCode = 1;
  }
}
