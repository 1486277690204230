/**
 * The embedded SageMaker endpoint as a process. Prints `{"listening": "http://..."}` on stdout when it takes requests.
 * SIGTERM and SIGINT end running jobs as platform errors and leave nothing behind; SIGKILL leaves them running, and the
 * next endpoint on the same root takes them over.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { loggerOnStderr } from '../../platform/logger';
import { FaultPlanFile } from '../faults/fault-plan-file';
import { createSageMakerApp } from './app';
import { inheritedEnvironment, readConfig } from './config';
import { sageMakerRule } from './faults/fault-plan';
import { readImageManifest } from './containers/image-manifest';
import { SUPERVISOR_COMMAND } from './jobs/supervisor-launcher';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL_S3 } = config;
  const environment = inheritedEnvironment(process.env);
  const { logger, settled } = loggerOnStderr({ name: 'local-sagemaker' });
  const complain = (error: unknown): void => logger.error({ err: error }, 'internal error');
  const sagemaker = await createSageMakerApp({
    root: config.SPACEPORT_SAGEMAKER_ROOT,
    runner:
      config.runner.kind === 'docker'
        ? { kind: 'docker', environment }
        : { kind: 'process', environment, images: await readImageManifest(config.runner.imagesFile) },
    quotas: config.SPACEPORT_SAGEMAKER_QUOTAS,
    stopGraceMs: config.SPACEPORT_STOP_GRACE_SECONDS * 1000,
    syncIntervalMs: config.SPACEPORT_SYNC_INTERVAL_SECONDS * 1000,
    faults: config.SPACEPORT_SAGEMAKER_FAULTS
      ? new FaultPlanFile(config.SPACEPORT_SAGEMAKER_FAULTS, sageMakerRule)
      : undefined,
    keepTrees: config.SPACEPORT_KEEP_JOB_TREES,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, region: AWS_REGION },
    supervisor: {
      command: SUPERVISOR_COMMAND,
      environment: {
        ...environment,
        AWS_ACCESS_KEY_ID,
        AWS_SECRET_ACCESS_KEY,
        AWS_REGION,
        AWS_ENDPOINT_URL_S3,
        // The S3 client's code is read in half the time once compiled.
        NODE_COMPILE_CACHE: path.join(config.SPACEPORT_SAGEMAKER_ROOT, 'compile-cache'),
      },
    },
    onError: complain,
  });
  // The timeout is longer than the SDK keeps a socket for reuse, so that no request meets a socket being closed.
  const server = createServer({ keepAliveTimeout: 75_000 }, sagemaker.app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.SPACEPORT_SAGEMAKER_PORT, config.SPACEPORT_SAGEMAKER_HOST, resolve);
  });
  const { port } = server.address() as AddressInfo;
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    server.close();
    void sagemaker
      .shutdown()
      .then(
        () => 0,
        (error: unknown) => {
          complain(error);
          return 1;
        },
      )
      .then((status) => settled().finally(() => process.exit(status)));
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.stdout.write(`${JSON.stringify({ listening: `http://${config.SPACEPORT_SAGEMAKER_HOST}:${port}` })}\n`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
