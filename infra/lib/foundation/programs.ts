import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { secretsOfCell, type Cell, type DatabaseSecretName, type SecretName } from '../cell';
import type { Program } from '../program';
import { executionStatements } from '../permissions/execution';
import { machineStatements } from '../permissions/machines';
import { ECS_TASKS, serviceRole } from '../permissions/roles';
import { serverStatements } from '../permissions/server';
import type { CellSettings } from '../settings';
import { taskLog } from './task-log';
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

/** Those that it has in a cell. */
export const secretsOf = (
  program: Program,
  { temporal }: Pick<CellSettings, 'temporal'>,
): readonly (readonly [variable: string, secret: SecretName])[] =>
  Object.entries(PROGRAM_SECRETS[program]).filter(([, secret]) => secretsOfCell({ temporal }).includes(secret));

/** The database's own secret, which RDS makes; the server alone reads it. */
const readSecrets = (program: Program, { settings }: Cell): (SecretName | DatabaseSecretName)[] => [
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
      server: role('Server', ECS_TASKS, serverStatements(place)),
      worker: role('Worker', ECS_TASKS, workerStatements(place, this.machineRole.roleArn)),
    };
    this.executionRoles = {
      server: role(
        'Server-start',
        ECS_TASKS,
        executionStatements(place, { name: 'server', images: ['product'], secrets: readSecrets('server', cell) }),
      ),
      worker: role(
        'Worker-start',
        ECS_TASKS,
        executionStatements(place, { name: 'worker', images: ['product'], secrets: readSecrets('worker', cell) }),
      ),
    };
    this.logGroups = { server: taskLog(this, cell, 'server', key), worker: taskLog(this, cell, 'worker', key) };
  }
}
