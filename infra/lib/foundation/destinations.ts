import { PROGRAMS, type Program } from '../program';
import { TEMPORAL_PORT } from '../cell';
import type { CellSettings } from '../settings';

/** Whose connections are let out: our programs', and a Temporal server's of the cell's own. */
export type Caller = Program | 'temporal';

/** What stands in the network and is called from there alone. */
export type Inside = 'database' | 'temporal' | 'temporal-database';

/** How a program gets to a host: through a gateway or an endpoint of the network, or out through NAT. */
export type Route = 'gateway' | 'endpoint' | 'nat' | 'inside';

/** A host that a program of ours, or ECS for it, talks to. */
export interface Destination {
  readonly what: string;
  /** In a region; `null`: any public host. */
  readonly host: ((region: string) => string) | null;
  readonly port: number;
  readonly route: Route;
  /** Where the route is inside. */
  readonly to?: Inside;
  /** AWS's name of the endpoint; without one the route is NAT, also where the stage has none. */
  readonly endpoint?: string;
  readonly callers: readonly Caller[];
}

/** What ECS needs to start a task, it calls from the task's own address. */
const ALL: readonly Caller[] = [...PROGRAMS, 'temporal'];
const HTTPS = 443;
const POSTGRES = 5432;
/** Of Temporal's frontend, history, matching and worker, as docker/temporal/server.yaml has them: calls, and membership. */
const BETWEEN_TEMPORAL_SERVERS: readonly number[] = [0, 1, 2, 3].flatMap((index) => [
  TEMPORAL_PORT + index,
  TEMPORAL_PORT + index + 100,
]);

const OF_EVERY_CELL: readonly Destination[] = [
  {
    what: 'photos, results and records; layers of images',
    host: (region) => `s3.${region}.amazonaws.com`,
    port: HTTPS,
    route: 'gateway',
    callers: ALL,
  },
  {
    what: 'machine jobs',
    host: (region) => `api.sagemaker.${region}.amazonaws.com`,
    port: HTTPS,
    route: 'endpoint',
    endpoint: 'sagemaker.api',
    callers: ['worker'],
  },
  {
    what: 'logs of machines, and our own',
    host: (region) => `logs.${region}.amazonaws.com`,
    port: HTTPS,
    route: 'endpoint',
    endpoint: 'logs',
    callers: ALL,
  },
  {
    what: 'which image to run',
    host: (region) => `api.ecr.${region}.amazonaws.com`,
    port: HTTPS,
    route: 'endpoint',
    endpoint: 'ecr.api',
    callers: ALL,
  },
  {
    what: 'the image',
    host: (region) => `dkr.ecr.${region}.amazonaws.com`,
    port: HTTPS,
    route: 'endpoint',
    endpoint: 'ecr.dkr',
    callers: ALL,
  },
  {
    what: 'secrets',
    host: (region) => `secretsmanager.${region}.amazonaws.com`,
    port: HTTPS,
    route: 'endpoint',
    endpoint: 'secretsmanager',
    callers: ALL,
  },
  {
    what: 'the key',
    host: (region) => `kms.${region}.amazonaws.com`,
    port: HTTPS,
    route: 'endpoint',
    endpoint: 'kms',
    callers: ALL,
  },
  {
    what: 'who we are',
    host: (region) => `sts.${region}.amazonaws.com`,
    port: HTTPS,
    route: 'endpoint',
    endpoint: 'sts',
    callers: PROGRAMS,
  },
  {
    what: 'metrics',
    host: (region) => `monitoring.${region}.amazonaws.com`,
    port: HTTPS,
    route: 'endpoint',
    endpoint: 'monitoring',
    callers: PROGRAMS,
  },
  {
    what: 'mails',
    host: (region) => `email-smtp.${region}.amazonaws.com`,
    port: 465,
    route: 'endpoint',
    endpoint: 'email-smtp',
    callers: PROGRAMS,
  },
  // Any public host may have asked for events.
  { what: 'receivers of webhooks', host: null, port: HTTPS, route: 'nat', callers: ['worker'] },
  { what: 'the database', host: null, port: POSTGRES, route: 'inside', to: 'database', callers: ['server'] },
];

const TEMPORAL_CLOUD: readonly Destination[] = [
  { what: 'Temporal Cloud', host: null, port: TEMPORAL_PORT, route: 'nat', callers: PROGRAMS },
];

const OWN_TEMPORAL: readonly Destination[] = [
  { what: 'Temporal', host: null, port: TEMPORAL_PORT, route: 'inside', to: 'temporal', callers: PROGRAMS },
  ...BETWEEN_TEMPORAL_SERVERS.map((port): Destination => ({
    what: 'other Temporal servers',
    host: null,
    port,
    route: 'inside',
    to: 'temporal',
    callers: ['temporal'],
  })),
  {
    what: 'the database of Temporal',
    host: null,
    port: POSTGRES,
    route: 'inside',
    to: 'temporal-database',
    callers: ['temporal'],
  },
];

/** All hosts that are talked to. What is not here is not reached: egress rules and endpoints are made of this table. */
export const destinationsOf = ({ temporal }: Pick<CellSettings, 'temporal'>): readonly Destination[] =>
  'isOwn' in temporal
    ? [...OF_EVERY_CELL, ...OWN_TEMPORAL]
    : [...OF_EVERY_CELL, ...TEMPORAL_CLOUD].map((destination) => ({
        ...destination,
        callers: destination.callers.filter((caller) => caller !== 'temporal'),
      }));

/** Destinations that have an endpoint in the network. */
export const withEndpoint = (
  interfaceEndpoints: boolean,
  settings: Pick<CellSettings, 'temporal' | 'servicesWithoutEndpoint'>,
): readonly (Destination & { readonly endpoint: string })[] =>
  interfaceEndpoints
    ? destinationsOf(settings).filter(
        (destination): destination is Destination & { endpoint: string } =>
          destination.endpoint !== undefined && !settings.servicesWithoutEndpoint?.includes(destination.endpoint),
      )
    : [];
