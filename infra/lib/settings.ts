/** Two kinds of deployment: one to try things in, and one that people rely on. */
export type StageName = 'dev' | 'prod';

/** What one person decides before the first deploy; everything else follows. Stands in `infra/settings.ts`. */
export interface AccountSettings {
  /** Begins every name in the account: a letter, then up to 11 lower-case letters and digits. */
  readonly prefix: string;
  /** Where alarms and the budget are sent. */
  readonly operatorMails: readonly string[];
  /** What the account may spend in a month before the operators are told. Told once, for all stages and regions. */
  readonly budgetUsdPerMonth: number;
  /** The region of the stack that belongs to no cell, which holds the budget. */
  readonly homeRegion: string;
  readonly stages: readonly StageSettings[];
}

/** One deployment, in one region or several. */
export interface StageSettings {
  readonly name: StageName;
  /** Tag of the images in ECR that run: never one that moves. */
  readonly imageTag: string;
  /** Tags of before whose workers still have jobs that began in them: their services stay until they are drained. */
  readonly drainingImageTags?: readonly string[];
  /** What machines of one cell may cost within 24 hours before the operators are told. */
  readonly spendUsdPerDay: number;
  readonly cells: readonly CellSettings[];
}

/** A region that works without any other: its own bucket, keys, database and Temporal namespace. */
export interface CellSettings {
  readonly region: string;
  /** The name that people and programs reach it by, below the hosted zone. */
  readonly host: string;
  /** A public zone of Route 53, in this account: certificate, address and mail signatures are written there. */
  readonly hostedZone: { readonly id: string; readonly name: string };
  /** Local part of the sender of mails; the domain is that of the hosted zone. */
  readonly mailSender: string;
  readonly temporal: TemporalSettings;
  /** Further buckets that photos may be read from. */
  readonly inputBuckets: readonly string[];
  /** Endpoints that AWS does not have in the zones of this region, such as `email-smtp`: reached through NAT instead. */
  readonly servicesWithoutEndpoint?: readonly string[];
}

/**
 * A namespace of Temporal Cloud, reached by an API key; or of a server of the cell's own on PostgreSQL, which only the
 * cell's network reaches, without key and TLS.
 */
export type TemporalSettings =
  { readonly address: string; readonly namespace: string } | { readonly isOwn: true; readonly namespace: string };

export interface DatabaseSize {
  readonly instance: string;
  readonly storageGb: number;
  readonly multiAz: boolean;
  readonly backupDays: number;
}

/** How large a deployment is, and how carefully it is kept. */
export interface StageSize {
  readonly servers: number;
  readonly workers: number;
  /** Availability zones. */
  readonly zones: number;
  readonly natGateways: number;
  /** Whether AWS's own services are reached inside the network, at a price for each service and zone, or through NAT. */
  readonly interfaceEndpoints: boolean;
  readonly database: DatabaseSize;
  /** A Temporal server of its own, where the cell has one. */
  readonly temporal: { readonly servers: number; readonly database: DatabaseSize };
  /** Whether bucket, database and keys refuse to be deleted. */
  readonly isKept: boolean;
  /** How long logs of programs and machines are kept; one of the periods that CloudWatch knows. */
  readonly logDays: number;
}

export const STAGE_SIZE: Readonly<Record<StageName, StageSize>> = {
  dev: {
    servers: 2,
    workers: 2,
    zones: 2,
    natGateways: 1,
    interfaceEndpoints: false,
    database: { instance: 't4g.micro', storageGb: 20, multiAz: false, backupDays: 1 },
    temporal: { servers: 1, database: { instance: 't4g.small', storageGb: 20, multiAz: false, backupDays: 7 } },
    isKept: false,
    logDays: 30,
  },
  prod: {
    servers: 2,
    workers: 2,
    zones: 2,
    natGateways: 2,
    interfaceEndpoints: true,
    database: { instance: 't4g.medium', storageGb: 50, multiAz: true, backupDays: 14 },
    temporal: { servers: 2, database: { instance: 't4g.medium', storageGb: 50, multiAz: true, backupDays: 14 } },
    isKept: true,
    logDays: 90,
  },
};

const PREFIX_PATTERN = /^[a-z][a-z0-9]{0,11}$/;
const TAG_PATTERN = /^[A-Za-z0-9][\w.-]{0,127}$/;

/** What is wrong with the settings, a line a mistake: AWS would say so only in the middle of a deploy. */
export function settingsProblems({ prefix, operatorMails, budgetUsdPerMonth, stages }: AccountSettings): string[] {
  const repeated = (what: string, names: readonly string[]): string[] =>
    names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${what} ${name} is there twice`);
  return [
    ...(PREFIX_PATTERN.test(prefix) ? [] : ['prefix: a letter, then up to 11 lower-case letters and digits']),
    ...(operatorMails.length > 0 ? [] : ['operatorMails: at least one address']),
    ...(budgetUsdPerMonth > 0 ? [] : ['budgetUsdPerMonth: more than 0']),
    ...repeated(
      'the stage',
      stages.map(({ name }) => name),
    ),
    ...stages.flatMap(({ name, imageTag, drainingImageTags = [], spendUsdPerDay, cells }) => [
      ...[imageTag, ...drainingImageTags]
        .filter((tag) => !TAG_PATTERN.test(tag) || tag === 'latest')
        .map((tag) => `${name}: ${tag} is not a tag that stays`),
      ...repeated(`${name}: the tag`, [imageTag, ...drainingImageTags]),
      ...(spendUsdPerDay > 0 ? [] : [`${name}: spendUsdPerDay: more than 0`]),
      ...(cells.length > 0 ? [] : [`${name}: no cell`]),
      ...repeated(
        `${name}: the region`,
        cells.map(({ region }) => region),
      ),
      ...cells
        .filter(({ host, hostedZone }) => host !== hostedZone.name && !host.endsWith(`.${hostedZone.name}`))
        .map(({ host, hostedZone }) => `${name}: ${host} is not below ${hostedZone.name}`),
    ]),
    ...repeated(
      'the host',
      stages.flatMap(({ cells }) => cells.map(({ host }) => host)),
    ),
  ];
}
