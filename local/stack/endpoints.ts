import type { Ports } from './ports';

/** Where a stack is reached. */
export interface Endpoints {
  /** Spaceport's own API and pages. */
  readonly server: string;
  /** `host:port` of Temporal's frontend. */
  readonly temporal: string;
  readonly temporalUi: string;
  readonly s3: string;
  readonly sagemaker: string;
  readonly smtp: string;
  /** The mail sink's pages and API. */
  readonly mail: string;
  /** Where server and worker tell their metrics. */
  readonly serverMetrics: string;
  readonly workerMetrics: string;
}

const http = (port: number): string => `http://127.0.0.1:${port}`;

export const endpointsOf = (ports: Ports): Endpoints => ({
  server: http(ports.server),
  temporal: `127.0.0.1:${ports.temporal}`,
  temporalUi: http(ports.temporalUi),
  s3: http(ports.s3),
  sagemaker: http(ports.sagemaker),
  smtp: `smtp://127.0.0.1:${ports.smtp}`,
  mail: http(ports.mail),
  serverMetrics: `${http(ports.serverMetrics)}/metrics`,
  workerMetrics: `${http(ports.workerMetrics)}/metrics`,
});

/** Where `npm run dev` shows the pages (web/vite.config.mjs). */
const DEVELOPMENT_ORIGIN = 'http://127.0.0.1:5173';

/**
 * Whose pages may use the storage. To a browser each name of this machine is another site, and a page of the server may
 * be opened under any of them; pages that are being worked on come from a server of their own.
 */
export const pageOrigins = ({ server }: Pick<Endpoints, 'server'>): string[] => [
  ...['127.0.0.1', 'localhost', '[::1]'].map((host) => `http://${host}:${new URL(server).port}`),
  DEVELOPMENT_ORIGIN,
];
