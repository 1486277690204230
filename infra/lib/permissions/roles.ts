import { Aws } from 'aws-cdk-lib';
import { Role, ServicePrincipal, type IRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Cell } from '../cell';
import { documentOf, type Allowed } from './statement';

/** What ECS is called where it starts and runs programs. */
export const ECS_TASKS = 'ecs-tasks.amazonaws.com';

/** A role that one service of AWS takes, for this account alone: another account cannot make it act in its name. */
export function serviceRole(
  scope: Construct,
  id: string,
  { cell, service, statements }: { cell: Cell; service: string; statements: readonly Allowed[] },
): IRole {
  const role = new Role(scope, id, {
    roleName: cell.names.global(id.toLowerCase()),
    assumedBy: new ServicePrincipal(service, {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
    inlinePolicies: { allowed: documentOf(statements) },
  });
  // CDK adds nothing of its own to it.
  return role.withoutPolicyUpdates();
}
