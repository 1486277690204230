import { CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { TEMPORAL_PORT, type Cell } from '../cell';
import { TEMPORAL_USER, type OwnTemporal } from '../foundation/own-temporal';
import type { FoundationStack } from '../foundation-stack';
import { container, passwordOf } from '../service/container';
import { imageUri } from '../service/environment';

/** A process took 383 MB at most in the tests of our workflows; docs/capacity.md has what a job costs it. */
const SIZE = { cpu: '1024', memory: '2048' } as const;

/** Of each of eight pools at most: four services with two databases each (docker/temporal/server.yaml). */
const CONNECTIONS = 10;

const CERTIFICATES = { volume: 'certificates', path: '/var/lib/temporal' } as const;
const ADDRESS = `127.0.0.1:${TEMPORAL_PORT}`;

/** Long enough to hand over what it has begun. */
const STOP_SECONDS = 60;

/**
 * How a server is run. Before it the tables are made or brought to its version, after it namespace and search
 * attributes, by the same programs as anywhere else; each of them is safe to repeat, and so runs at every start.
 */
export class TemporalTask extends Construct {
  readonly definition: CfnTaskDefinition;

  constructor(scope: Construct, cell: Cell, { foundation, own }: { foundation: FoundationStack; own: OwnTemporal }) {
    super(scope, 'Task');
    const { hostname, port } = own.database.instance.instanceEndpoint;
    const { region } = cell;
    const common = { region, logGroup: own.logGroup, secrets: {} } as const;
    const ofTemporal = {
      ...common,
      image: imageUri(cell, 'temporal'),
      user: 'temporal',
      environment: {
        SQL_HOST: hostname,
        SQL_PORT: String(port),
        SQL_USER: TEMPORAL_USER,
        SQL_TLS: 'true',
        SQL_TLS_CA_FILE: `${CERTIFICATES.path}/database-ca.pem`,
        SQL_MAX_CONNS: String(CONNECTIONS),
        LOG_LEVEL: 'warn',
      },
      mountPoints: [{ sourceVolume: CERTIFICATES.volume, containerPath: CERTIFICATES.path, readOnly: false }],
    };
    const password = { SQL_PASSWORD: passwordOf(own.database.password.secretArn) };
    this.definition = new CfnTaskDefinition(this, 'Definition', {
      family: cell.names.regional('temporal'),
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' },
      ...SIZE,
      executionRoleArn: own.executionRole.roleArn,
      volumes: [{ name: CERTIFICATES.volume }],
      containerDefinitions: [
        container({
          ...ofTemporal,
          name: 'set-up',
          essential: false,
          command: ['sh', 'docker/temporal/set-up.sh'],
          secrets: { ...password, SQL_TLS_CA: foundation.secrets.arnOf('database-ca') },
        }),
        container({
          ...ofTemporal,
          name: 'temporal',
          essential: true,
          command: ['sh', 'docker/temporal/start.sh'],
          secrets: password,
          dependsOn: [{ containerName: 'set-up', condition: 'SUCCESS' }],
          portMappings: [{ containerPort: TEMPORAL_PORT, protocol: 'tcp' }],
          healthCheck: {
            command: ['CMD', 'temporal', 'operator', 'cluster', 'health', `--address=${ADDRESS}`],
            interval: 10,
            timeout: 5,
            retries: 3,
            startPeriod: 60,
          },
          stopTimeout: STOP_SECONDS,
        }),
        container({
          ...common,
          name: 'register',
          essential: false,
          image: imageUri(cell, 'product'),
          user: 'node',
          command: ['node', 'dist/workers/register/main.js'],
          environment: { TEMPORAL_ADDRESS: ADDRESS, TEMPORAL_NAMESPACE: cell.settings.temporal.namespace },
          dependsOn: [{ containerName: 'temporal', condition: 'HEALTHY' }],
        }),
      ],
    });
  }
}
