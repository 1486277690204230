import { SubnetType, type ISecurityGroup, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { CfnService, type CfnCluster, type CfnServiceProps, type CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';

interface FargateService extends Pick<
  CfnServiceProps,
  'healthCheckGracePeriodSeconds' | 'loadBalancers' | 'serviceRegistries'
> {
  readonly name: string;
  readonly cluster: CfnCluster;
  readonly task: CfnTaskDefinition;
  readonly count: number;
  readonly vpc: IVpc;
  readonly group: ISecurityGroup;
}

/**
 * Tasks in the private subnets, without public addresses. A deploy starts the new ones before it stops the old, and goes
 * back where they fail.
 */
export const fargateService = (
  scope: Construct,
  id: string,
  { name, cluster, task, count, vpc, group, ...more }: FargateService,
): CfnService =>
  new CfnService(scope, id, {
    serviceName: name,
    cluster: cluster.ref,
    taskDefinition: task.ref,
    desiredCount: count,
    launchType: 'FARGATE',
    platformVersion: '1.4.0',
    deploymentConfiguration: {
      minimumHealthyPercent: 100,
      maximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
    },
    networkConfiguration: {
      awsvpcConfiguration: {
        assignPublicIp: 'DISABLED',
        subnets: vpc.selectSubnets({ subnetType: SubnetType.PRIVATE_WITH_EGRESS }).subnetIds,
        securityGroups: [group.securityGroupId],
      },
    },
    propagateTags: 'SERVICE',
    enableEcsManagedTags: true,
    ...more,
  });

/** A cluster whose services tell how many of their tasks run, which alarms look at. */
export const CLUSTER_SETTINGS = [{ name: 'containerInsights', value: 'enabled' }];
