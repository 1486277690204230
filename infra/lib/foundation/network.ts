import {
  CfnFlowLog,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { Cell } from '../cell';
import type { Program } from '../program';
import { destinationsOf, withEndpoint, type Caller, type Destination, type Inside } from './destinations';

export const SERVER_PORT = 3000;
const HTTPS = 443;
const HTTP = 80;

/**
 * Three rows of subnets: public (load balancer, NAT), private (programs) and closed (database). Machines are not in it:
 * they have no network at all.
 */
export class Network extends Construct {
  readonly vpc: Vpc;
  readonly balancer: SecurityGroup;
  readonly programs: Readonly<Record<Program, SecurityGroup>>;
  /** What is called from inside alone; of Temporal only where the cell has a server of its own. */
  private readonly inside: Readonly<Partial<Record<Inside, SecurityGroup>>>;

  constructor(scope: Construct, cell: Cell, accessLogsArn: string) {
    super(scope, 'Network');
    const { size, settings } = cell;
    this.vpc = new Vpc(this, 'Vpc', {
      vpcName: cell.names.regional('network'),
      ipAddresses: IpAddresses.cidr('10.20.0.0/16'),
      maxAzs: size.zones,
      natGateways: size.natGateways,
      // CDK would close it by a program of its own; no resource is ever in it.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: 'private', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
        { name: 'closed', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
      gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
    });
    new CfnFlowLog(this, 'FlowLog', {
      resourceId: this.vpc.vpcId,
      resourceType: 'VPC',
      trafficType: 'REJECT',
      logDestinationType: 's3',
      logDestination: `${accessLogsArn}/network/`,
    });

    const group = (id: string, description: string): SecurityGroup =>
      new SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound: false });
    this.balancer = group('Balancer', 'Load balancer: HTTPS from anywhere');
    this.programs = { server: group('Server', 'API and pages'), worker: group('Worker', 'Workers') };
    this.inside = {
      database: group('Database', 'PostgreSQL, for the server alone'),
      ...('isOwn' in settings.temporal && {
        temporal: group('Temporal', 'Temporal'),
        'temporal-database': group('TemporalDatabase', 'PostgreSQL, for Temporal alone'),
      }),
    };

    this.balancer.addIngressRule(Peer.anyIpv4(), Port.tcp(HTTPS), 'people and programs');
    this.balancer.addIngressRule(Peer.anyIpv4(), Port.tcp(HTTP), 'are led to HTTPS');
    this.balancer.addEgressRule(this.programs.server, Port.tcp(SERVER_PORT), 'to the server');
    this.programs.server.addIngressRule(this.balancer, Port.tcp(SERVER_PORT), 'from the load balancer');

    this.addEndpoints(withEndpoint(size.interfaceEndpoints, settings));
    const destinations = destinationsOf(settings);
    for (const caller of new Set(destinations.flatMap(({ callers }) => callers)))
      this.letOut(
        caller,
        destinations.filter(({ callers }) => callers.includes(caller)),
      );
  }

  private addEndpoints(destinations: ReturnType<typeof withEndpoint>): void {
    const endpoints = new SecurityGroup(this, 'Endpoints', {
      vpc: this.vpc,
      description: 'Endpoints of AWS services',
      allowAllOutbound: false,
    });
    for (const { endpoint, port, callers } of destinations) {
      new InterfaceVpcEndpoint(this, endpoint, {
        vpc: this.vpc,
        service: new InterfaceVpcEndpointAwsService(endpoint, undefined, port),
        subnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
        securityGroups: [endpoints],
        privateDnsEnabled: true,
        // Each program is let in by name, below.
        open: false,
      });
      for (const caller of callers)
        endpoints.addIngressRule(this.groupOf(caller), Port.tcp(port), `${caller}: port ${port}`);
    }
  }

  /** A rule for each port that the caller needs; hosts behind NAT have no addresses that stay. */
  private letOut(caller: Caller, destinations: readonly Destination[]): void {
    const group = this.groupOf(caller);
    const outside = destinations.filter(({ to }) => to === undefined);
    for (const port of new Set(outside.map((destination) => destination.port)))
      group.addEgressRule(Peer.anyIpv4(), Port.tcp(port), whatFor(port, outside));
    for (const { port, what, to } of destinations) {
      if (to === undefined) continue;
      const called = this.insideGroup(to);
      group.addEgressRule(called, Port.tcp(port), what);
      called.addIngressRule(group, Port.tcp(port), caller);
    }
  }

  private groupOf(caller: Caller): SecurityGroup {
    return caller === 'temporal' ? this.insideGroup(caller) : this.programs[caller];
  }

  /** Throws Error where the cell has nothing of the kind. */
  insideGroup(what: Inside): SecurityGroup {
    const group = this.inside[what];
    if (group === undefined) throw new Error(`the cell has no ${what}`);
    return group;
  }
}

/** Of a rule: AWS takes 255 plain characters. */
const whatFor = (port: number, destinations: readonly Destination[]): string =>
  destinations
    .filter((destination) => destination.port === port)
    .map(({ what }) => what)
    .join(' - ')
    .slice(0, 255);
