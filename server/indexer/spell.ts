import type { Logger } from '../../platform/logger';

/** Tells of a trouble that comes again and again once when it begins, and once when it is over. */
export interface Spell {
  failed(error: unknown): void;
  succeeded(): void;
}

export function createSpell(logger: Logger, trouble: string): Spell {
  let failures = 0;
  return {
    failed(error) {
      failures += 1;
      if (failures === 1) logger.warn({ err: error }, trouble);
    },
    succeeded() {
      if (failures > 0) logger.info({ failures }, `no more: ${trouble}`);
      failures = 0;
    },
  };
}
