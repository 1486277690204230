import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import { CfnCluster, CfnService } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import type { Cell } from '../cell';
import type { Program } from '../program';
import { SERVER_PORT } from '../foundation/network';
import type { FoundationStack } from '../foundation-stack';
import type { Balancer } from './balancer';
import { Task } from './tasks';

/** Long enough for a server that brings the database's tables to its version first. */
const FIRST_LOOK_AFTER_SECONDS = 120;

/** Workers of one build; names of services have no dots. */
const workersOf = (tag: string): string => `worker-${tag.replaceAll('.', '-')}`;

/** Servers and workers on Fargate; a deploy starts the new ones before it stops the old, and goes back where they fail. */
export class Services extends Construct {
  readonly cluster: CfnCluster;
  /** Name of the service of the current workers. */
  readonly workers: string;

  constructor(scope: Construct, cell: Cell, parts: { foundation: FoundationStack; balancer: Balancer }) {
    super(scope, 'Services');
    const { foundation, balancer } = parts;
    this.cluster = new CfnCluster(this, 'Cluster', {
      clusterName: cell.deployment,
      clusterSettings: [{ name: 'containerInsights', value: 'enabled' }],
    });
    const { vpc, programs } = foundation.network;
    const service = (program: Program, name: string, tag: string): CfnService =>
      new CfnService(this, name, {
        serviceName: name,
        cluster: this.cluster.ref,
        taskDefinition: new Task(this, program, { cell, foundation, name, tag }).definition.ref,
        desiredCount: program === 'server' ? cell.size.servers : cell.size.workers,
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
            securityGroups: [programs[program].securityGroupId],
          },
        },
        ...(program === 'server' && {
          healthCheckGracePeriodSeconds: FIRST_LOOK_AFTER_SECONDS,
          loadBalancers: [
            {
              containerName: program,
              containerPort: SERVER_PORT,
              targetGroupArn: balancer.servers.targetGroupArn,
            },
          ],
        }),
        propagateTags: 'SERVICE',
        enableEcsManagedTags: true,
      });
    const server = service('server', 'server', cell.imageTag);
    // ECS takes a target group only once a load balancer uses it.
    server.node.addDependency(balancer.listener);
    // A job stays with the workers of the build that it began in.
    for (const tag of [cell.imageTag, ...cell.drainingImageTags]) service('worker', workersOf(tag), tag);
    this.workers = workersOf(cell.imageTag);
  }
}
