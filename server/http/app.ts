import express, { type Express } from 'express';
import { jobLinks } from '../../contracts/job/view';
import type { Config } from '../../platform/config';
import type { Logger } from '../../platform/logger';
import type { RecordStore } from '../../platform/record-store';
import { LOCAL_TENANT } from '../jobs/job-id';
import type { JobRuns } from '../jobs/runs';
import type { JobStore } from '../jobs/store';
import { createJobs } from '../jobs/jobs';
import { errorHandler, notFound } from './problem';
import { artifactRoutes } from '../jobs/routes/artifacts';
import { healthRoutes, type Readiness } from './health';
import { jobRoutes } from '../jobs/routes/jobs';
import { pageRoutes } from '../pages/routes';
import { startJobRoutes } from '../jobs/routes/start-job';
import { viewerRoutes } from '../pages/viewer-routes';
import { isLoopback, loopbackHostsOnly, pageHeaders, requestId, sameOriginWrites } from './security';
import { ASSETS_FOLDER } from './static-files';

export interface AppDeps {
  readonly config: Pick<
    Config,
    | 'bucket'
    | 'inputBuckets'
    | 'region'
    | 'publicUrl'
    | 'publicS3Endpoint'
    | 'temporalUiUrl'
    | 'temporalNamespace'
    | 'http'
    | 'webhooks'
  >;
  readonly runs: JobRuns;
  readonly records: Pick<RecordStore, 'claim' | 'read'>;
  readonly store: JobStore;
  readonly logger: Logger;
  readonly readiness: Readiness;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** The HTTP API and its pages; the caller listens. */
export function createApp({ config, runs, records, store, logger, readiness, now = Date.now }: AppDeps): Express {
  const { bucket, inputBuckets, publicUrl } = config;
  const links = jobLinks(config);
  const jobs = createJobs({
    runs,
    records,
    store,
    links,
    inputs: { bucket, inputBuckets, tenant: LOCAL_TENANT },
    logger,
    now,
  });
  const storage = storageOrigin(config);

  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', config.http.trustedProxies);
  app.set('query parser', 'simple');
  app.use(requestId);
  app.use(healthRoutes(readiness));
  if (isLoopback(config.http.host) || isLoopback(new URL(publicUrl).hostname)) app.use(loopbackHostsOnly(publicUrl));
  app.use(sameOriginWrites(publicUrl));
  app.use('/viewer', viewerRoutes(storage));
  app.use(pageHeaders(storage));
  app.use('/assets', express.static(ASSETS_FOLDER, { index: false, maxAge: '1h' }));
  app.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  app.use(express.json({ limit: '64kb', strict: false }));
  app.use(startJobRoutes(jobs, { startsPerMinute: config.http.startsPerMinute, webhooks: config.webhooks }));
  app.use(artifactRoutes(jobs));
  app.use(jobRoutes(jobs));
  app.use(pageRoutes(jobs, { publicUrl, bucket }));
  app.use(notFound);
  app.use(errorHandler(logger));
  return app;
}

/** Where signed links lead: a public endpoint where one is set, else the bucket's own host at AWS. */
const storageOrigin = ({ publicS3Endpoint, bucket, region }: AppDeps['config']): string =>
  publicS3Endpoint === null ? `https://${bucket}.s3.${region}.amazonaws.com` : new URL(publicS3Endpoint).origin;
