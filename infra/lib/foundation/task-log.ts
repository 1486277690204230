import { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Cell } from '../cell';

/** Where a task of ECS writes what it has to say. */
export const taskLog = (scope: Construct, cell: Cell, name: string, key: IKey): LogGroup =>
  new LogGroup(scope, `${name}-log`, {
    logGroupName: cell.names.logGroup(name),
    retention: cell.size.logDays as RetentionDays,
    encryptionKey: key,
    removalPolicy: cell.size.isKept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
