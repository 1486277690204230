import { Duration } from 'aws-cdk-lib';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import {
  type ApplicationListener,
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  ListenerAction,
  SslPolicy,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import { LOAD_BALANCER_IDLE_SECONDS } from '../../../contracts/deployment/times';
import type { Cell } from '../cell';
import { SERVER_PORT } from '../foundation/network';
import type { FoundationStack } from '../foundation-stack';
import { DEREGISTRATION_SECONDS } from './bounds';

const HTTPS = 443;
const HTTP = 80;

/** HTTPS for the cell's host, in front of the servers. */
export class Balancer extends Construct {
  readonly balancer: ApplicationLoadBalancer;
  readonly servers: ApplicationTargetGroup;
  readonly listener: ApplicationListener;

  constructor(scope: Construct, cell: Cell, { network, storage }: FoundationStack) {
    super(scope, 'Balancer');
    const { host, hostedZone } = cell.settings;
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: hostedZone.id,
      zoneName: hostedZone.name,
    });
    this.balancer = new ApplicationLoadBalancer(this, 'Balancer', {
      loadBalancerName: cell.names.regional('server'),
      vpc: network.vpc,
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
      internetFacing: true,
      securityGroup: network.balancer,
      idleTimeout: Duration.seconds(LOAD_BALANCER_IDLE_SECONDS),
      dropInvalidHeaderFields: true,
      deletionProtection: cell.size.isKept,
    });
    this.balancer.logAccessLogs(storage.accessLogs, 'load-balancer');
    this.servers = new ApplicationTargetGroup(this, 'Servers', {
      vpc: network.vpc,
      targetType: TargetType.IP,
      protocol: ApplicationProtocol.HTTP,
      port: SERVER_PORT,
      deregistrationDelay: Duration.seconds(DEREGISTRATION_SECONDS),
      healthCheck: {
        path: '/readyz',
        healthyHttpCodes: '200',
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 3,
      },
    });
    this.listener = this.balancer.addListener('Https', {
      port: HTTPS,
      protocol: ApplicationProtocol.HTTPS,
      certificates: [
        new Certificate(this, 'Certificate', {
          domainName: host,
          validation: CertificateValidation.fromDns(zone),
        }),
      ],
      sslPolicy: SslPolicy.RECOMMENDED_TLS,
      defaultTargetGroups: [this.servers],
      open: false,
    });
    this.balancer.addListener('Http', {
      port: HTTP,
      protocol: ApplicationProtocol.HTTP,
      defaultAction: ListenerAction.redirect({ protocol: 'HTTPS', port: String(HTTPS), permanent: true }),
      open: false,
    });
    new ARecord(this, 'Address', {
      zone,
      recordName: `${host}.`,
      target: RecordTarget.fromAlias(new LoadBalancerTarget(this.balancer)),
    });
  }
}
