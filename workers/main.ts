import { NativeConnection, Runtime, DefaultLogger, type LogLevel } from '@temporalio/worker';
import { MACHINE_BUCKETS } from '../activities/machines/machine-told';
import { ConfigError, readConfig, type ListenAddress } from '../platform/config';
import { createLogger } from '../platform/logger';
import { encodesFailures, payloadOptions } from '../platform/payloads/data-converter';
import { createOtlpTracer, tracedService } from '../platform/tracing/otlp';
import { connectTemporal, missingSearchAttributes, temporalConnectOptions } from '../platform/temporal-client';
import { scheduleUpkeep } from './upkeep-schedule';
import { createActivities } from './activities';
import { readyBundle } from './workflow-bundle';
import { versioningOptions } from './versioning';
import { jobOfWorkflow } from './tracing';
import { createWorkers } from './workers';

/** Runs the workers of one deployment until SIGTERM or SIGINT; prints `{"ready":true}` when they poll. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const logger = createLogger('worker', config.logLevel);
  const tracer =
    config.tracing === null ? null : createOtlpTracer(config.tracing, tracedService('worker', config), logger);
  const metrics = config.metrics.worker;
  Runtime.install({
    logger: new DefaultLogger('INFO', ({ level, message, meta }) =>
      logger[level.toLowerCase() as Lowercase<LogLevel>]({ ...jobIn(meta), ...meta }, message),
    ),
    // What the SDK's native half says goes the same way: printed by itself, it could end this process on a full disk.
    telemetryOptions: {
      logging: { forward: {} },
      ...(metrics !== null && {
        metrics: {
          prometheus: {
            bindAddress: addressText(metrics),
            ...PROMETHEUS_NAMES,
            histogramBucketOverrides: MACHINE_BUCKETS,
          },
        },
      }),
    },
    shutdownSignals: ['SIGINT', 'SIGTERM'],
  });
  const [client, workflowBundle] = await Promise.all([
    connectTemporal(config),
    readyBundle(encodesFailures(config.payloadKeys) ? 'encoded' : 'plain'),
  ]);
  const missing = await missingSearchAttributes(client);
  if (missing.length > 0)
    throw new ConfigError(
      `the Temporal namespace lacks the search attributes ${missing.join(', ')} (keyword): run workers/register/main once`,
    );
  const connection = await NativeConnection.connect(temporalConnectOptions(config));
  try {
    // A worker without it still runs jobs; the schedule is mostly there already.
    await scheduleUpkeep(client, config).catch((error: unknown) =>
      logger.error({ err: error }, 'the schedule of upkeep could not be written'),
    );
    const activities = createActivities(config, client, tracer);
    const ofDeployment = { ...payloadOptions(config.payloadKeys), ...versioningOptions(config) };
    const workers = await createWorkers(config, connection, activities, workflowBundle, ofDeployment, tracer);
    process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
    await Promise.all(workers.map((worker) => worker.run()));
  } finally {
    await tracer?.flush();
    await connection.close();
    await client.connection.close();
  }
}

/** The job that a line is about, as its workflow tells it. */
function jobIn(meta: Record<string, unknown> | undefined): { jobId?: string } {
  const jobId = typeof meta?.workflowId === 'string' ? jobOfWorkflow(meta.workflowId) : null;
  return jobId === null ? {} : { jobId };
}

/** Units in seconds and in the names, as Prometheus' conventions want them. */
const PROMETHEUS_NAMES = { countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true };

/** As Rust's sockets read it: IPv6 in brackets. */
const addressText = ({ host, port }: ListenAddress): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

main().catch((error: unknown) => {
  process.stderr.write(`spaceport worker: ${error instanceof Error ? error.message : String(error)}\n`);
  // The SDK's native half and what has begun to start would keep this process alive, and nobody would start it again.
  process.exit(1);
});
