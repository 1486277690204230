import { readConfig } from '../../platform/config';
import { createLogger } from '../../platform/logger';
import { takeBackLastChange } from '../storage/database';

/**
 * Takes back the last change of the database's tables, so that the version before can use it; says which in one line of
 * JSON. Run it with the version that made the change, while no server runs.
 */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const takenBack = await takeBackLastChange(config.database, createLogger('migrate-back', config.logLevel));
  process.stdout.write(`${JSON.stringify({ takenBack })}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`spaceport migrate-back: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
