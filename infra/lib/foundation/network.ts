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
import { PROGRAMS, type Program } from '../program';
import { DESTINATIONS, withEndpoint } from './destinations';

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
  readonly database: SecurityGroup;

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
    this.database = group('Database', 'PostgreSQL, for the server alone');

    this.balancer.addIngressRule(Peer.anyIpv4(), Port.tcp(HTTPS), 'people and programs');
    this.balancer.addIngressRule(Peer.anyIpv4(), Port.tcp(HTTP), 'are led to HTTPS');
    this.balancer.addEgressRule(this.programs.server, Port.tcp(SERVER_PORT), 'to the server');
    this.programs.server.addIngressRule(this.balancer, Port.tcp(SERVER_PORT), 'from the load balancer');

    this.addEndpoints(withEndpoint(size.interfaceEndpoints, settings.servicesWithoutEndpoint ?? []));
    for (const program of PROGRAMS) this.letOut(program);
  }

  private addEndpoints(destinations: ReturnType<typeof withEndpoint>): void {
    const endpoints = new SecurityGroup(this, 'Endpoints', {
      vpc: this.vpc,
      description: 'Endpoints of AWS services',
      allowAllOutbound: false,
    });
    for (const { endpoint, port, programs } of destinations) {
      new InterfaceVpcEndpoint(this, endpoint, {
        vpc: this.vpc,
        service: new InterfaceVpcEndpointAwsService(endpoint, undefined, port),
        subnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
        securityGroups: [endpoints],
        privateDnsEnabled: true,
        // Each program is let in by name, below.
        open: false,
      });
      for (const program of programs)
        endpoints.addIngressRule(this.programs[program], Port.tcp(port), `${program}: port ${port}`);
    }
  }

  /** A rule for each port that the program needs; hosts behind NAT have no addresses that stay. */
  private letOut(program: Program): void {
    const own = DESTINATIONS.filter(({ programs }) => programs.includes(program));
    for (const port of new Set(own.filter(({ route }) => route !== 'inside').map(({ port }) => port)))
      this.programs[program].addEgressRule(Peer.anyIpv4(), Port.tcp(port), whatFor(program, port));
    for (const { port, what } of own.filter(({ route }) => route === 'inside')) {
      this.programs[program].addEgressRule(this.database, Port.tcp(port), what);
      this.database.addIngressRule(this.programs[program], Port.tcp(port), program);
    }
  }
}

/** Of a rule: AWS takes 255 plain characters. */
const whatFor = (program: Program, port: number): string =>
  DESTINATIONS.filter((destination) => destination.port === port && destination.programs.includes(program))
    .map(({ what }) => what)
    .join(' - ')
    .slice(0, 255);
