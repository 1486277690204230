import pino, { type Logger } from 'pino';
import type { Config } from './config';

export type { Logger };

/** JSON lines on stderr, so that a program's stdout stays its own. Addresses of people and links never go in. */
export const createLogger = (process: string, level: Config['logLevel']): Logger =>
  pino(
    { level, base: { process }, redact: ['email', '*.email', 'to', '*.to'] },
    pino.destination({ dest: 2, sync: false }),
  );
