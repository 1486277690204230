import { Aws } from 'aws-cdk-lib';
import { DEPLOYMENT_PATTERN } from '../../contracts/machines/names';
import { STAGES, type Stage } from '../../contracts/stages/stage';
import { STAGE_SIZE, type AccountSettings, type CellSettings, type StageSettings, type StageSize } from './settings';

/** What a program is told in secret: by Secrets Manager, as variables of its environment. */
const SECRETS = [
  'temporal-api-key',
  'mail-url',
  'webhook-secret',
  'webhook-master-key',
  'admin-key-hash',
  'database-ca',
  'payload-keys',
] as const;
export type SecretName = (typeof SECRETS)[number];

/** Those of a cell: a Temporal server of its own knows no API key. */
export const secretsOfCell = ({ temporal }: Pick<CellSettings, 'temporal'>): readonly SecretName[] =>
  SECRETS.filter((name) => !('isOwn' in temporal && name === 'temporal-api-key'));

/** Passwords that RDS makes up, one a database. */
export type DatabaseSecretName = 'database' | 'temporal-database';

/** Images in ECR: the product's, one for each stage of a job, and that of a Temporal server of the cell's own. */
export type ImageName = 'product' | Stage | 'temporal';
export const imagesOf = ({ temporal }: Pick<CellSettings, 'temporal'>): readonly ImageName[] => [
  'product',
  ...STAGES,
  ...('isOwn' in temporal ? (['temporal'] as const) : []),
];

/** Of a Temporal server of the cell's own, in the private zone. */
export const TEMPORAL_NAME = 'temporal';
export const TEMPORAL_PORT = 7233;

/** One deployment in one region: its settings and its names, which all begin with the account's prefix. */
export interface Cell {
  readonly settings: CellSettings;
  readonly size: StageSize;
  readonly imageTag: string;
  readonly drainingImageTags: readonly string[];
  readonly operatorMails: readonly string[];
  readonly spendUsdPerDay: number;
  /** `TEMPORAL_ADDRESS` of the programs. */
  readonly temporalAddress: string;
  /** `SPACEPORT_DEPLOYMENT`: begins the names of machine jobs, and so bounds what the roles may do. */
  readonly deployment: string;
  readonly region: string;
  readonly names: CellNames;
}

export interface CellNames {
  stack(part: string): string;
  /** Of the whole account, so with the region. */
  global(what: string): string;
  readonly bucket: string;
  readonly accessLogs: string;
  repository(image: ImageName): string;
  secret(name: SecretName | DatabaseSecretName): string;
  /** Of names that only the cell's own network knows. */
  readonly privateZone: string;
  logGroup(what: string): string;
  /** Of things that are named within a region. */
  regional(what: string): string;
}

/** Throws RangeError where the product would not take the name. */
export function cellOf(account: AccountSettings, stage: StageSettings, settings: CellSettings): Cell {
  const deployment = account.prefix + stage.name;
  if (!DEPLOYMENT_PATTERN.test(deployment)) throw new RangeError(`not a name of a deployment: ${deployment}`);
  const { region } = settings;
  const privateZone = `${deployment}.internal`;
  const global = (what: string): string => `${deployment}-${region}-${what}`;
  return {
    settings,
    size: STAGE_SIZE[stage.name],
    imageTag: stage.imageTag,
    drainingImageTags: stage.drainingImageTags ?? [],
    operatorMails: account.operatorMails,
    spendUsdPerDay: stage.spendUsdPerDay,
    deployment,
    region,
    temporalAddress:
      'isOwn' in settings.temporal ? `${TEMPORAL_NAME}.${privateZone}:${TEMPORAL_PORT}` : settings.temporal.address,
    names: {
      global,
      stack: global,
      bucket: `${deployment}-${region}-${Aws.ACCOUNT_ID}`,
      accessLogs: `${deployment}-${region}-${Aws.ACCOUNT_ID}-access-logs`,
      repository: (image) => `${deployment}/${image}`,
      secret: (name) => `${deployment}/${name}`,
      privateZone,
      logGroup: (what) => `/${account.prefix}/${deployment}/${what}`,
      regional: (what) => `${deployment}-${what}`,
    },
  };
}
