import express, { type Express } from 'express';
import { authenticate, createRefuse, createRefuseKey } from '../access/authenticate';
import { keysNeeded } from '../access/exposure';
import { createIdentify, type AccessStorage } from '../access/identify';
import { createKeyAdministration } from '../access/keys';
import { accessRoutes } from '../access/routes';
import { sessionRoutes } from '../access/session-routes';
import { createSessionDesk } from '../access/sessions';
import { createSendSignInLink } from '../access/sign-in-links';
import { createTenantAdministration } from '../access/tenants';
import { createAnnotationDesk } from '../annotations/annotations';
import { annotationRoutes } from '../annotations/routes';
import { createTellBatch } from '../batches/messages';
import { createReadBatches } from '../batches/read';
import { batchRoutes } from '../batches/routes';
import type { BatchRuns } from '../batches/runs';
import { createStartBatch } from '../batches/start';
import { createBudgets } from '../budgets/budgets';
import { createAudited } from '../audit/audited';
import type { AuditLog } from '../../platform/audit/audit-log';
import { auditRoutes } from '../audit/routes';
import { catalogueRoutes } from '../catalogue/routes';
import { jobLinks } from '../../contracts/job/view';
import type { Config } from '../../platform/config';
import type { Logger } from '../../platform/logger';
import { createPayloadCodec } from '../../platform/payloads/payload-codec';
import type { Tracer } from '../../platform/tracing/tracer';
import type { SendMail } from '../../platform/mail/mail-sender';
import type { BatchStore } from '../../platform/batch-store';
import type { RecordStore } from '../../platform/record-store';
import type { DeliveryLog } from '../../platform/webhooks/delivery-log';
import type { EndpointFailureLog } from '../../platform/webhooks/endpoint-failure-log';
import type { JobRuns } from '../jobs/runs';
import type { JobStore } from '../jobs/store';
import { createCalibrations } from '../estimates/calibrations';
import { createEstimates } from '../estimates/estimates';
import type { CountPhotos } from '../estimates/photo-count';
import { estimateRoutes } from '../estimates/routes';
import { createEvents } from '../events/events';
import { OpenStreams } from '../events/open-streams';
import { eventRoutes } from '../events/routes';
import { STREAMING, type Streaming } from '../events/streaming';
import { sceneRoutes } from '../files/routes';
import { createAnswerOnce } from '../idempotency/answer-once';
import { createErasure } from '../jobs/erase';
import { createInputRules, createReadStart } from '../jobs/input-access';
import { createJobLookup } from '../jobs/lookup';
import { createMessages } from '../jobs/messages';
import { createReadJobs } from '../jobs/read';
import { createChangeJob } from '../jobs/settings/change-job';
import { createStart } from '../jobs/start';
import type { Metrics } from '../metrics/metrics';
import type { LogStore } from '../logs/log-store';
import { createLogStreams } from '../logs/log-streams';
import { createReadLogs } from '../logs/read-logs';
import { logRoutes } from '../logs/routes';
import { createShareHolders, unknownShare } from '../shares/holders';
import { holderRoutes } from '../shares/holder-routes';
import { shareRoutes } from '../shares/routes';
import type { JobSchedules } from '../schedules/job-schedules';
import { scheduleRoutes } from '../schedules/routes';
import { createSchedules } from '../schedules/schedules';
import { createShareDesk } from '../shares/shares';
import type { Storage } from '../storage/storage';
import { requestContext } from './context';
import { errorHandler, notFound } from './problem';
import { healthRoutes, type Readiness } from './health';
import { jobRoutes } from '../jobs/routes';
import { descriptionRoutes } from '../openapi/routes';
import { sharePages } from '../pages/share-page';
import { codecRoutes } from '../payloads/routes';
import { answerTrustedOrigins, webUiOrigin } from '../payloads/web-ui-origin';
import { webFiles, webPages } from '../pages/web-app';
import { createUserOf } from '../uploads/removal';
import { uploadRoutes } from '../uploads/routes';
import { createUploads, type UploadStorage } from '../uploads/uploads';
import { createReadUsage } from '../usage/read-usage';
import { usageRoutes } from '../usage/routes';
import { createDeliveryDesk } from '../webhooks/deliveries';
import type { DeliveryRuns } from '../webhooks/delivery-runs';
import { createEndpointDesk } from '../webhooks/endpoints';
import { webhookRoutes } from '../webhooks/routes';
import { routerOf } from './route';
import { traceRequests } from '../tracing/traced-requests';
import { isLoopback, loopbackHostsOnly, pageHeaders, sameOriginWrites } from './security';
import { ASSETS_FOLDER, WEB_FOLDER } from './static-files';

export interface AppDeps {
  readonly config: Pick<
    Config,
    | 'bucket'
    | 'inputBuckets'
    | 'region'
    | 'publicUrl'
    | 'publicS3Endpoint'
    | 'map'
    | 'temporalUiUrl'
    | 'temporalNamespace'
    | 'payloadKeys'
    | 'http'
    | 'webhooks'
    | 'access'
  >;
  readonly runs: JobRuns;
  readonly records: Pick<RecordStore, 'claim' | 'read' | 'replace'>;
  readonly batches: BatchStore;
  readonly batchRuns: BatchRuns;
  readonly store: JobStore;
  readonly storage: AccessStorage &
    Pick<Storage, 'jobs' | 'batches' | 'annotations' | 'shares' | 'usage' | 'idempotency' | 'endpoints'>;
  readonly countPhotos: CountPhotos;
  /** Cores of the one machine that runs all stages; null where they are rented at AWS. */
  readonly localCores: number | null;
  readonly uploads: UploadStorage;
  readonly schedules: JobSchedules;
  readonly logs: LogStore;
  readonly sendMail: SendMail;
  readonly deliveries: DeliveryLog;
  readonly auditLog: AuditLog;
  readonly endpointFailures: EndpointFailureLog;
  readonly deliveryRuns: DeliveryRuns;
  readonly logger: Logger;
  readonly readiness: Readiness;
  readonly metrics?: Pick<Metrics, 'observe' | 'countStreams'>;
  /** Not given = nothing is traced. */
  readonly tracer?: Tracer | null;
  /** Aborts when the server is told to stop: streams end, so that their listeners come again elsewhere. */
  readonly closing?: AbortSignal;
  readonly streaming?: Streaming;
  /** Of the web application that set-up has built. */
  readonly webFolder?: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** The HTTP API and its pages; the caller listens. */
export function createApp(deps: AppDeps): Express {
  const { config, runs, records, store, logs, storage, logger, readiness, closing } = deps;
  const { streaming = STREAMING, webFolder = WEB_FOLDER, now = Date.now } = deps;
  const { bucket, inputBuckets, publicUrl } = config;
  const links = jobLinks(config);
  const lookup = createJobLookup({ runs, records });
  const jobs = createReadJobs({ runs, index: storage.jobs, store, lookup, links, logger, now });
  const inputRules = createInputRules(storage.tenants, { bucket, inputBuckets });
  const userOf = createUserOf({ runs, records, bucket });
  const uploads = createUploads({ storage: deps.uploads, userOf, bucket, now });
  const calibrationOf = createCalibrations({ usage: storage.usage, localCores: deps.localCores, logger, now });
  const estimateJob = createEstimates({
    calibrationOf,
    countPhotos: deps.countPhotos,
    inputRules,
    manifestOf: uploads.manifest,
  });
  const budgets = createBudgets({ tenants: storage.tenants, usage: storage.usage, now });
  const { refuseExhausted } = budgets;
  const read = createReadStart({ bucket, inputRules, uploaded: uploads.photos, refuseExhausted });
  const start = createStart({
    runs,
    records,
    index: storage.jobs,
    lookup,
    links,
    read,
    calibrationOf,
    logger,
    now,
  });
  const schedules = createSchedules({ schedules: deps.schedules, records, read, calibrationOf, start });
  const { batches, batchRuns } = deps;
  const statusUrl = (batchId: string): string => `${publicUrl}/v1/batches/${batchId}`;
  const readBatches = createReadBatches({ batches, index: storage.batches, links, statusUrl });
  const startBatch = createStartBatch({
    batches,
    runs: batchRuns,
    index: storage.batches,
    read,
    calibrationOf,
    statusUrl,
    logger,
    now,
  });
  const tellBatch = createTellBatch({ read: readBatches, runs: batchRuns, refuseExhausted });
  const tell = createMessages({ runs, lookup, refuseExhausted, now });
  const change = createChangeJob({ runs, records, index: storage.jobs, lookup, logger, now });
  const erase = createErasure({ runs, lookup });
  const events = createEvents({ runs, lookup, links, logger, now, streaming });
  const readLogs = createReadLogs({ lookup, store: logs, now });
  const listenToLog = createLogStreams({ lookup, store: logs, logger, now, streaming });
  const answerOnce = createAnswerOnce({ idempotency: storage.idempotency, logger, now });
  const streams = new OpenStreams(streaming);
  closing?.addEventListener('abort', () => streams.close());
  deps.metrics?.countStreams(() => streams.count);
  const annotations = createAnnotationDesk({ annotations: storage.annotations, lookup, now });
  const { masterKey } = config.webhooks;
  const failures = deps.endpointFailures;
  const { endpoints } = storage;
  const endpointDesk = createEndpointDesk({ endpoints, log: deps.deliveries, failures, masterKey, now });
  const deliveryDesk = createDeliveryDesk({
    endpoints,
    log: deps.deliveries,
    failures,
    runs: deps.deliveryRuns,
    masterKey,
    now,
  });
  const rules = { ...config.access, keysNeeded: keysNeeded(config) };
  const identify = createIdentify(storage, rules.adminKeyHash, now);
  const refuse = createRefuseKey(logger);
  const { signInLinks } = storage;
  const sendSignInLink = createSendSignInLink({ links: signInLinks, sendMail: deps.sendMail, publicUrl, now });
  const shares = createShareDesk({ shares: storage.shares, lookup, publicUrl, now });
  const holders = createShareHolders({ ...storage, lookup, jobs, desk: annotations, publicUrl, now });
  const refuseShare = createRefuse(logger, {
    logged: 'a shared link that is not valid was refused',
    overLimit: 'too many links were wrong; wait a minute and try again',
    problem: unknownShare,
  });

  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', config.http.trustedProxies);
  app.set('query parser', 'simple');
  app.use(requestContext);
  app.use(traceRequests(deps.tracer ?? null));
  if (deps.metrics !== undefined) app.use(deps.metrics.observe);
  app.use(healthRoutes(readiness));
  if (isLoopback(config.http.host) || isLoopback(new URL(publicUrl).hostname)) app.use(loopbackHostsOnly(publicUrl));
  const isTrusted = webUiOrigin(config.temporalUiUrl);
  app.use(answerTrustedOrigins(isTrusted));
  app.use(sameOriginWrites(publicUrl, isTrusted));
  app.use(pageHeaders(storageOrigin(config), config.map.origins));
  app.use('/app', webFiles(webFolder));
  app.use('/assets', express.static(ASSETS_FOLDER, { index: false, maxAge: '1h' }));
  app.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  app.use(...authenticate(identify, refuse, rules));
  const { webhooks, http } = config;
  const audited = createAudited({ log: deps.auditLog, logger, now });
  const routes = [
    ...jobRoutes({ jobs, start, tell, change, erase, webhooks, startsPerMinute: http.startsPerMinute }),
    ...batchRoutes({
      start: startBatch,
      read: readBatches,
      tell: tellBatch,
      webhooks,
      startsPerMinute: http.startsPerMinute,
    }),
    ...eventRoutes(events, streams, streaming),
    ...logRoutes(readLogs, listenToLog, { streams, streaming }),
    ...catalogueRoutes(),
    ...accessRoutes(
      createKeyAdministration(storage, now),
      createTenantAdministration({ tenants: storage.tenants, deployed: inputBuckets, budgets, schedules, now }),
    ),
    ...sessionRoutes(createSessionDesk(storage, identify, now), sendSignInLink, refuse),
    ...uploadRoutes(uploads),
    ...webhookRoutes(endpointDesk, deliveryDesk, config.webhooks),
    ...scheduleRoutes(schedules, config.webhooks),
    ...annotationRoutes(annotations),
    ...auditRoutes(lookup, deps.auditLog),
    ...sceneRoutes(jobs),
    ...shareRoutes(shares),
    ...holderRoutes({ holders, refuse: refuseShare, requestsPerMinute: rules.requestsPerMinute }),
    ...estimateRoutes(estimateJob),
    ...codecRoutes(createPayloadCodec(config.payloadKeys)),
    ...usageRoutes(createReadUsage({ usage: storage.usage, tenants: storage.tenants, budgets, now })),
  ];
  app.use(routerOf([...audited(routes), ...descriptionRoutes(routes, publicUrl)], answerOnce));
  app.use(sharePages({ holders, refuse: refuseShare, folder: webFolder, publicUrl }));
  app.use(webPages(webFolder, publicUrl, config.map.styleUrl));
  app.use(notFound);
  app.use(errorHandler(logger));
  return app;
}

/** Where signed links lead: a public endpoint where one is set, else the bucket's own host at AWS. */
const storageOrigin = ({ publicS3Endpoint, bucket, region }: AppDeps['config']): string =>
  publicS3Endpoint === null ? `https://${bucket}.s3.${region}.amazonaws.com` : new URL(publicS3Endpoint).origin;
