import type { Program } from '../program';

/** How a program gets to a host: through a gateway or an endpoint of the network, or out through NAT. */
export type Route = 'gateway' | 'endpoint' | 'nat' | 'inside';

/** A host that a program of ours, or ECS for it, talks to. */
export interface Destination {
  readonly what: string;
  /** In a region; `null`: any public host. */
  readonly host: ((region: string) => string) | null;
  readonly port: number;
  readonly route: Route;
  /** AWS's name of the endpoint; without one the route is NAT, also where the stage has none. */
  readonly endpoint?: string;
  readonly programs: readonly Program[];
}

const BOTH: readonly Program[] = ['server', 'worker'];
const HTTPS = 443;

/** All hosts that are talked to. What is not here is not reached: egress rules and endpoints are made of this table. */
export const DESTINATIONS: readonly Destination[] = [
  {
    what: 'photos, results and records',
    host: (region) => `s3.${region}.amazonaws.com`,
    port: HTTPS,
    route: 'gateway',
    programs: BOTH,
  },
  {
    what: 'machine jobs',
    host: (region) => `api.sagemaker.${region}.amazonaws.com`,
    port: HTTPS,
    route: 'endpoint',
    endpoint: 'sagemaker.api',
    programs: ['worker'],
  },
  {
    what: 'logs of machines, and our own',
    host: (region) => `logs.${region}.amazonaws.com`,
    port: HTTPS,
    route: 'endpoint',
    endpoint: 'logs',
    programs: BOTH,
  },
  {
    what: 'which image to run',
    host: (region) => `api.ecr.${region}.amazonaws.com`,
    port: HTTPS,
    route: 'endpoint',
    endpoint: 'ecr.api',
    programs: BOTH,
  },
  {
    what: 'the image',
    host: (region) => `dkr.ecr.${region}.amazonaws.com`,
    port: HTTPS,
    route: 'endpoint',
    endpoint: 'ecr.dkr',
    programs: BOTH,
  },
  {
    what: 'secrets',
    host: (region) => `secretsmanager.${region}.amazonaws.com`,
    port: HTTPS,
    route: 'endpoint',
    endpoint: 'secretsmanager',
    programs: BOTH,
  },
  {
    what: 'the key',
    host: (region) => `kms.${region}.amazonaws.com`,
    port: HTTPS,
    route: 'endpoint',
    endpoint: 'kms',
    programs: BOTH,
  },
  {
    what: 'who we are',
    host: (region) => `sts.${region}.amazonaws.com`,
    port: HTTPS,
    route: 'endpoint',
    endpoint: 'sts',
    programs: BOTH,
  },
  {
    what: 'metrics',
    host: (region) => `monitoring.${region}.amazonaws.com`,
    port: HTTPS,
    route: 'endpoint',
    endpoint: 'monitoring',
    programs: BOTH,
  },
  {
    what: 'mails',
    host: (region) => `email-smtp.${region}.amazonaws.com`,
    port: 465,
    route: 'endpoint',
    endpoint: 'email-smtp',
    programs: BOTH,
  },
  // One of one's own is at the same port, inside the network.
  { what: 'Temporal Cloud', host: null, port: 7233, route: 'nat', programs: BOTH },
  // Any public host may have asked for events.
  { what: 'receivers of webhooks', host: null, port: HTTPS, route: 'nat', programs: ['worker'] },
  { what: 'the database', host: null, port: 5432, route: 'inside', programs: ['server'] },
];

/** Destinations that have an endpoint in the network. */
export const withEndpoint = (
  interfaceEndpoints: boolean,
  leftOut: readonly string[],
): readonly (Destination & { readonly endpoint: string })[] =>
  interfaceEndpoints
    ? DESTINATIONS.filter(
        (destination): destination is Destination & { endpoint: string } =>
          destination.endpoint !== undefined && !leftOut.includes(destination.endpoint),
      )
    : [];
