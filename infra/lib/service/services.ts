import { CfnCluster, type CfnService } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import type { Cell } from '../cell';
import type { Program } from '../program';
import { SERVER_PORT } from '../foundation/network';
import type { FoundationStack } from '../foundation-stack';
import type { Balancer } from './balancer';
import { CLUSTER_SETTINGS, fargateService } from './fargate-service';
import { Task } from './tasks';

/** Long enough for a server that brings the database's tables to its version first. */
const FIRST_LOOK_AFTER_SECONDS = 120;

/** Workers of one build; names of services have no dots. */
const workersOf = (tag: string): string => `worker-${tag.replaceAll('.', '-')}`;

/** Servers and workers on Fargate. */
export class Services extends Construct {
  readonly cluster: CfnCluster;
  /** Name of the service of the current workers. */
  readonly workers: string;

  constructor(scope: Construct, cell: Cell, parts: { foundation: FoundationStack; balancer: Balancer }) {
    super(scope, 'Services');
    const { foundation, balancer } = parts;
    this.cluster = new CfnCluster(this, 'Cluster', {
      clusterName: cell.deployment,
      clusterSettings: CLUSTER_SETTINGS,
    });
    const { vpc, programs } = foundation.network;
    const service = (program: Program, name: string, tag: string): CfnService =>
      fargateService(this, name, {
        name,
        cluster: this.cluster,
        task: new Task(this, program, { cell, foundation, name, tag }).definition,
        count: program === 'server' ? cell.size.servers : cell.size.workers,
        vpc,
        group: programs[program],
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
      });
    const server = service('server', 'server', cell.imageTag);
    // ECS takes a target group only once a load balancer uses it.
    server.node.addDependency(balancer.listener);
    // A job stays with the workers of the build that it began in.
    for (const tag of [cell.imageTag, ...cell.drainingImageTags]) service('worker', workersOf(tag), tag);
    this.workers = workersOf(cell.imageTag);
  }
}
