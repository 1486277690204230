import { RemovalPolicy } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Cell, SecretName } from '../cell';
import { PROGRAMS, type Program } from '../program';
import { executionStatements } from '../permissions/execution';
import { machineStatements } from '../permissions/machines';
import { serviceRole } from '../permissions/roles';
import { serverStatements } from '../permissions/server';
import type { CellSettings } from '../settings';
import type { Place } from '../permissions/statement';
import { workerStatements } from '../permissions/worker';

/** Secrets of a program, by the variable of its environment that holds them. */
const PROGRAM_SECRETS: Readonly<Record<Program, Readonly<Record<string, SecretName>>>> = {
  server: {
    TEMPORAL_API_KEY: 'temporal-api-key',
    SPACEPORT_PAYLOAD_KEYS: 'payload-keys',
    SPACEPORT_MAIL_URL: 'mail-url',
    SPACEPORT_WEBHOOK_SECRET: 'webhook-secret',
    SPACEPORT_WEBHOOK_MASTER_KEY: 'webhook-master-key',
    SPACEPORT_ADMIN_KEY_HASH: 'admin-key-hash',
    DATABASE_CA: 'database-ca',
  },
  worker: {
    TEMPORAL_API_KEY: 'temporal-api-key',
    SPACEPORT_PAYLOAD_KEYS: 'payload-keys',
    SPACEPORT_MAIL_URL: 'mail-url',
    SPACEPORT_WEBHOOK_SECRET: 'webhook-secret',
    SPACEPORT_WEBHOOK_MASTER_KEY: 'webhook-master-key',
  },
};

/** Those that it has in a cell: a Temporal server of one's own knows no API key. */
export const secretsOf = (
  program: Program,
  { temporal }: Pick<CellSettings, 'temporal'>,
): readonly (readonly [variable: string, secret: SecretName])[] =>
  Object.entries(PROGRAM_SECRETS[program]).filter(([variable]) => !temporal.isOwn || variable !== 'TEMPORAL_API_KEY');

/** The database's own secret, which RDS makes; the server alone reads it. */
const readSecrets = (program: Program, { settings }: Cell): (SecretName | 'database')[] => [
  ...secretsOf(program, settings).map(([, secret]) => secret),
  ...(program === 'server' ? (['database'] as const) : []),
];

/** Who the programs and the machines are, and where their logs go. */
export class Programs extends Construct {
  readonly machineRole: IRole;
  /** Of the program's own calls. */
  readonly roles: Readonly<Record<Program, IRole>>;
  /** Of what ECS does to start it. */
  readonly executionRoles: Readonly<Record<Program, IRole>>;
  readonly logGroups: Readonly<Record<Program, LogGroup>>;

  constructor(scope: Construct, place: Place, key: IKey) {
    super(scope, 'Programs');
    const { cell } = place;
    const role = (id: string, service: string, statements: Parameters<typeof serviceRole>[2]['statements']): IRole =>
      serviceRole(this, id, { cell, service, statements });
    this.machineRole = role('Machine', 'sagemaker.amazonaws.com', machineStatements(place));
    this.roles = {
      server: role('Server', ECS, serverStatements(place)),
      worker: role('Worker', ECS, workerStatements(place, this.machineRole.roleArn)),
    };
    this.executionRoles = {
      server: role('Server-start', ECS, executionStatements(place, 'server', readSecrets('server', cell))),
      worker: role('Worker-start', ECS, executionStatements(place, 'worker', readSecrets('worker', cell))),
    };
    const logGroup = (program: Program): LogGroup =>
      new LogGroup(this, `${program}-log`, {
        logGroupName: cell.names.logGroup(program),
        retention: cell.size.logDays as RetentionDays,
        encryptionKey: key,
        removalPolicy: cell.size.isKept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      });
    const [server, worker] = PROGRAMS.map(logGroup);
    if (server === undefined || worker === undefined) throw new Error('a program has no log');
    this.logGroups = { server, worker };
  }
}

const ECS = 'ecs-tasks.amazonaws.com';
