import pino, { type Logger, type LoggerOptions } from 'pino';
import type { Config } from './config';
import { LogDestination } from './log-destination';
import { logFields } from './tracing/current';

export type { Logger };

/** Standard error: a program's stdout stays its own. */
const STDERR = 2;

/**
 * JSON lines on stderr that never stop or end this process, whatever becomes of them (LogDestination); neither does
 * from then on what a library prints. `settled` resolves when nothing waits to be written: for before an exit.
 */
export function loggerOnStderr(options: LoggerOptions): { logger: Logger; settled: () => Promise<void> } {
  const { name, base } = options;
  const destination = new LogDestination(STDERR, (lines) => {
    const msg = `${lines} lines of this log were lost: they could not be written`;
    return `${JSON.stringify({ level: pino.levels.values.warn, time: Date.now(), name, ...base, msg })}\n`;
  });
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
  return { logger: pino(options, destination), settled: () => destination.settled() };
}

/**
 * The log of the server or a worker: lines name the request and the trace that they belong to. Addresses of people and
 * links never go in.
 */
export const createLogger = (process: string, level: Config['logLevel']): Logger =>
  loggerOnStderr({ level, base: { process }, mixin: logFields, redact: ['email', '*.email', 'to', '*.to'] }).logger;
