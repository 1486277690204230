import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { SERVER_SHUTDOWN_SECONDS } from '../contracts/deployment/times';
import { exposureProblems } from './access/exposure';
import { createLogsClient, createS3Client, createSigningClient } from '../platform/aws-clients';
import { ConfigError, readConfig } from '../platform/config';
import { createLogger } from '../platform/logger';
import { createMailSender } from '../platform/mail/mail-sender';
import { createMailTransport } from '../platform/mail/mail-transport';
import { createOtlpTracer, tracedService } from '../platform/tracing/otlp';
import { createUsedUpBudgets } from '../platform/used-up-budgets';
import { connectTemporal } from '../platform/temporal-client';
import { createTellOfBudget } from './budgets/alerts';
import { createAuditLog } from '../platform/audit/audit-log';
import { createBudgets } from './budgets/budgets';
import { createLookAtBudgets } from './budgets/look';
import { createSendAlert } from './budgets/temporal-alerts';
import { createWriteDown } from './budgets/write-down';
import { createApp } from './http/app';
import { createHttpServer } from './http/http-server';
import { createTemporalBatchRuns } from './batches/runs';
import { createBatchStore } from '../platform/batch-store';
import { createRecordStore } from '../platform/record-store';
import { createPhotoCount } from './estimates/photo-count';
import { createIndexer } from './indexer/indexer';
import { createLogStore } from './logs/log-store';
import { createJobStore } from './jobs/store';
import { createReadiness } from './http/readiness';
import { createTemporalJobRuns } from './jobs/temporal-runs';
import { createCloudWatchPublisher } from './metrics/cloudwatch-publisher';
import { createMetricsListener } from './metrics/listener';
import { createReturnedMails } from './returned-mails/returned-mails';
import { createMetrics } from './metrics/metrics';
import { createTemporalFigures } from './metrics/temporal-figures';
import { openDatabase } from './storage/database';
import { reconcileRegistry } from './storage/registry/reconcile';
import { createRegisteredStorage } from './storage/registry/registered-storage';
import { createDeliveryRuns } from './webhooks/delivery-runs';
import { createDeliveryLog } from '../platform/webhooks/delivery-log';
import { createEndpointFailureLog } from '../platform/webhooks/endpoint-failure-log';
import { createTemporalSchedules } from './schedules/temporal-schedules';
import { createUploadStorage } from './uploads/uploads';

/** Longest that open requests may keep a server that was told to stop. */
const SHUTDOWN_DEADLINE_MS = SERVER_SHUTDOWN_SECONDS * 1000;

/** Serves the API and its pages until SIGTERM or SIGINT; says where on stdout, in one line of JSON. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const missing = exposureProblems(config);
  if (missing.length > 0) throw new ConfigError(`the server is not safe to start:\n  ${missing.join('\n  ')}`);
  const logger = createLogger('server', config.logLevel);
  const tracer =
    config.tracing === null ? null : createOtlpTracer(config.tracing, tracedService('server', config), logger);
  const database = await openDatabase(config.database, logger);
  const client = await connectTemporal(config).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  const runs = createTemporalJobRuns(client, config);
  const { bucket } = config;
  const s3 = createS3Client(config);
  const records = createRecordStore({ s3, bucket });
  const batches = createBatchStore({ s3, bucket });
  const logsClient = createLogsClient(config);
  const logs = createLogStore({ logs: logsClient, s3, bucket });
  const auditLog = createAuditLog({ s3, bucket });
  const signing = createSigningClient(config);
  const store = createJobStore({ s3, signing, bucket });

  const registered = createRegisteredStorage({ db: database.db, s3, bucket, logger });
  const { storage, registry } = registered;
  const restore = (signal: AbortSignal): Promise<unknown> => reconcileRegistry(registered, 'missing', signal);
  const { tenants, usage } = storage;
  const lookAtBudgets = createLookAtBudgets({
    tenants,
    budgets: createBudgets({ tenants, usage, now: Date.now }),
    writeDown: createWriteDown(createUsedUpBudgets({ s3, bucket })),
    tell: createTellOfBudget({
      alerts: storage.budgetAlerts,
      send: createSendAlert(client, config),
      now: Date.now,
    }),
  });
  const indexer = createIndexer({ records, batches, runs, storage, registry, restore, lookAtBudgets, logger });

  const close = async (): Promise<void> => {
    publisher?.stop();
    returnedMails?.stop();
    metricsListener.close();
    metricsListener.closeAllConnections();
    await indexer.stop();
    await Promise.all([client.connection.close(), database.close(), tracer?.flush()]);
  };

  const metrics = createMetrics({
    ledger: storage.ledger,
    temporal: createTemporalFigures(client, config.deployment),
    indexedAtMs: () => indexer.listedAtMs(),
    logger,
  });
  const metricsListener = createMetricsListener(metrics, logger);
  const { cloudWatchNamespace: namespace } = config.metrics;
  const publisher =
    namespace === null
      ? null
      : createCloudWatchPublisher({
          place: { namespace, deployment: config.deployment },
          metrics,
          isLeader: () => indexer.isLeader(),
          write: (line) => void process.stdout.write(line),
          logger,
        });

  const { mailEventsLogGroup: logGroup } = config;
  const returnedMails =
    logGroup === null
      ? null
      : createReturnedMails({
          logs: logsClient,
          logGroup,
          s3,
          bucket,
          audit: auditLog,
          isLeader: () => indexer.isLeader(),
          logger,
        });

  const closing = new AbortController();
  const app = createApp({
    config,
    runs,
    records,
    batches,
    batchRuns: createTemporalBatchRuns(client, config),
    store,
    storage,
    schedules: createTemporalSchedules(client, config),
    uploads: createUploadStorage({ s3, signing, bucket }),
    countPhotos: createPhotoCount(s3),
    localCores: config.rentsMachines ? null : availableParallelism(),
    logs,
    sendMail: createMailSender({ transport: createMailTransport(config), from: config.mailFrom }),
    deliveries: createDeliveryLog({ s3, bucket }),
    auditLog,
    endpointFailures: createEndpointFailureLog({ s3, bucket }),
    deliveryRuns: createDeliveryRuns(client, config),
    logger,
    closing: closing.signal,
    metrics,
    tracer,
    readiness: createReadiness(runs, store, database, () => closing.signal.aborted),
  });
  const server = createHttpServer(app);
  server.once('error', (error) => {
    logger.fatal({ err: error }, 'the server cannot listen');
    process.exitCode = 1;
    void close();
  });
  indexer.start();
  publisher?.start();
  returnedMails?.start();
  if (config.metrics.server !== null) metricsListener.listen(config.metrics.server);
  server.listen(config.http.port, config.http.host, () => {
    const { address, port, family } = server.address() as AddressInfo;
    process.stdout.write(
      `${JSON.stringify({ listening: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}` })}\n`,
    );
  });

  const shutDown = (signal: NodeJS.Signals): void => {
    if (closing.signal.aborted) return;
    closing.abort();
    logger.info({ signal }, 'stopping: open requests are finished first, streams end');
    const deadline = setTimeout(() => server.closeAllConnections(), SHUTDOWN_DEADLINE_MS);
    server.close(() => {
      clearTimeout(deadline);
      void close();
    });
    server.closeIdleConnections();
  };
  process.on('SIGTERM', shutDown);
  process.on('SIGINT', shutDown);
}

main().catch((error: unknown) => {
  const why = error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${error instanceof ConfigError ? error.message : `the server did not start: ${why}`}\n`);
  process.exitCode = 1;
});
