import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { PrivateDnsNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { Construct } from 'constructs';
import { executionStatements } from '../permissions/execution';
import { ECS_TASKS, serviceRole } from '../permissions/roles';
import type { Place } from '../permissions/statement';
import { Database } from './database';
import type { Network } from './network';
import { taskLog } from './task-log';

/** Makes its own two databases in the instance. */
export const TEMPORAL_USER = 'temporal';

/** What a Temporal server of the cell's own keeps: open jobs, which nothing else has, and how it is found and started. */
export class OwnTemporal extends Construct {
  readonly database: Database;
  /** Of names that the network alone knows. */
  readonly zone: PrivateDnsNamespace;
  readonly executionRole: IRole;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, place: Place, { network, key }: { network: Network; key: IKey }) {
    super(scope, 'OwnTemporal');
    const { cell } = place;
    this.database = new Database(this, 'Database', cell, {
      name: 'temporal-database',
      user: TEMPORAL_USER,
      size: cell.size.temporal.database,
      vpc: network.vpc,
      securityGroup: network.insideGroup('temporal-database'),
      key,
    });
    this.zone = new PrivateDnsNamespace(this, 'Zone', { name: cell.names.privateZone, vpc: network.vpc });
    // The server calls nothing of AWS: what ECS does to start it is all.
    this.executionRole = serviceRole(this, 'Temporal-start', {
      cell,
      service: ECS_TASKS,
      statements: executionStatements(place, {
        name: 'temporal',
        images: ['temporal', 'product'],
        secrets: ['temporal-database', 'database-ca'],
      }),
    });
    this.logGroup = taskLog(this, cell, 'temporal', key);
  }
}
