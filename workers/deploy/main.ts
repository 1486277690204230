import { ConfigError, readConfig } from '../../platform/config';
import { connectTemporal } from '../../platform/temporal-client';
import { makeCurrent, movesRuns, readBuilds, wakeWaiting } from './deployment';

/** A service of containers is given as long to start. */
const PATIENCE_MS = 10 * 60_000;
const COMMANDS = ['set-current', 'status'];

/**
 * `set-current` makes the build that SPACEPORT_BUILD_ID names the one that takes what begins from now on, and wakes the
 * jobs that wait, so that they move to it; `status` changes nothing. Both say in one line of JSON which builds there are.
 */
async function main([command = '', ...others]: readonly string[]): Promise<void> {
  if (!COMMANDS.includes(command) || others.length > 0) throw new ConfigError(`usage: ${COMMANDS.join(' | ')}`);
  const config = readConfig(process.env);
  const { deployment, buildId } = config;
  const client = await connectTemporal(config);
  try {
    const before = await readBuilds(client, deployment);
    const made = command === 'status' ? {} : { previous: before.current, ...(await setCurrent(buildId)) };
    process.stdout.write(`${JSON.stringify({ deployment, ...(await readBuilds(client, deployment)), ...made })}\n`);
  } finally {
    await client.connection.close();
  }

  async function setCurrent(build: string | null): Promise<{ woken: number }> {
    if (build === null) throw new ConfigError('SPACEPORT_BUILD_ID: is not set, and names the build to make current');
    await makeCurrent(client, { deployment, buildId: build, patienceMs: PATIENCE_MS });
    const { moves, serverVersion } = await movesRuns(client);
    if (moves) return { woken: await wakeWaiting(client, deployment) };
    process.stderr.write(
      `Temporal ${serverVersion} leaves jobs that wait in their build (from 1.31 on they move): ` +
        'keep its workers until "status" says that it is drained\n',
    );
    return { woken: 0 };
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`spaceport deploy: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
