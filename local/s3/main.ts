import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { FaultPlanFile } from '../faults/fault-plan-file';
import { readS3Config, type S3Config } from './config';
import { s3Rule } from './faults/fault-plan';
import { operationFaults } from './faults/operation-faults';
import { createS3Server } from './server';

/** Runs the endpoint until SIGTERM or SIGINT. Stdout gets one line when it is ready; the log goes to stderr. */
async function main(config: S3Config): Promise<void> {
  const logger = pino(
    { name: 'local-s3', level: config.logLevel, serializers: { error: pino.stdSerializers.err } },
    pino.destination({ dest: 2, sync: true }),
  );
  const around =
    config.faultsFile === undefined
      ? undefined
      : operationFaults(new FaultPlanFile(config.faultsFile, s3Rule), config.root);
  const { server, close } = await createS3Server({ ...config, logger, around });
  server.listen(config.port, config.host);
  await once(server, 'listening');
  const toldToEnd = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  const { address, port, family } = server.address() as AddressInfo;
  process.stdout.write(
    `${JSON.stringify({ listening: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}` })}\n`,
  );

  await toldToEnd;
  await close();
}

main(readConfigOrExit()).catch((error: unknown) => {
  process.stderr.write(
    `The local S3 endpoint failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
});

function readConfigOrExit(): S3Config {
  try {
    return readS3Config(process.env);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
}
