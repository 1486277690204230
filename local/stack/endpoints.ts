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
});
