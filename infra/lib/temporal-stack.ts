import { Duration, Stack, type App } from 'aws-cdk-lib';
import { CfnCluster } from 'aws-cdk-lib/aws-ecs';
import { DnsRecordType, Service } from 'aws-cdk-lib/aws-servicediscovery';
import { TEMPORAL_NAME, type Cell } from './cell';
import type { OwnTemporal } from './foundation/own-temporal';
import type { FoundationStack } from './foundation-stack';
import { except, SERVICE_EXCEPTIONS } from './rules';
import { CLUSTER_SETTINGS, fargateService } from './service/fargate-service';
import { TemporalTask } from './temporal/task';

/** How soon a client that lost its server looks for another one. */
const NAME_KEPT_FOR = Duration.seconds(10);
const SERVICE_NAME = 'temporal';

/** A Temporal server of the cell's own: there before the programs that need it, and replaced without them. */
export class TemporalStack extends Stack {
  readonly cluster: CfnCluster;
  readonly serviceName = SERVICE_NAME;

  constructor(app: App, cell: Cell, { foundation, own }: { foundation: FoundationStack; own: OwnTemporal }) {
    super(app, cell.names.stack('temporal'), {
      env: { region: cell.region },
      description: `Spaceport ${cell.deployment}: Temporal`,
    });
    except(this, SERVICE_EXCEPTIONS);
    this.cluster = new CfnCluster(this, 'Cluster', {
      clusterName: cell.names.regional('temporal'),
      clusterSettings: CLUSTER_SETTINGS,
    });
    const name = new Service(this, 'Name', {
      namespace: own.zone,
      name: TEMPORAL_NAME,
      dnsRecordType: DnsRecordType.A,
      dnsTtl: NAME_KEPT_FOR,
      customHealthCheck: {},
    });
    const { network } = foundation;
    fargateService(this, 'Service', {
      name: SERVICE_NAME,
      cluster: this.cluster,
      task: new TemporalTask(this, cell, { foundation, own }).definition,
      count: cell.size.temporal.servers,
      vpc: network.vpc,
      group: network.insideGroup('temporal'),
      serviceRegistries: [{ registryArn: name.serviceArn }],
    });
  }
}
