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

/** Servers and workers on Fargate; a deploy starts the new ones before it stops the old, and goes back where they fail. */
export class Services extends Construct {
  readonly cluster: CfnCluster;
  readonly services: Readonly<Record<Program, CfnService>>;

  constructor(scope: Construct, cell: Cell, parts: { foundation: FoundationStack; balancer: Balancer }) {
    super(scope, 'Services');
    const { foundation, balancer } = parts;
    this.cluster = new CfnCluster(this, 'Cluster', {
      clusterName: cell.deployment,
      clusterSettings: [{ name: 'containerInsights', value: 'enabled' }],
    });
    const { vpc, programs } = foundation.network;
    const service = (program: Program, desiredCount: number): CfnService =>
      new CfnService(this, program, {
        serviceName: program,
        cluster: this.cluster.ref,
        taskDefinition: new Task(this, program, { cell, foundation }).definition.ref,
        desiredCount,
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
    this.services = { server: service('server', cell.size.servers), worker: service('worker', cell.size.workers) };
    // ECS takes a target group only once a load balancer uses it.
    this.services.server.node.addDependency(balancer.listener);
  }
}
