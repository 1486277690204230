import { CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import type { Cell } from '../cell';
import type { Program } from '../program';
import { SERVER_PORT } from '../foundation/network';
import { secretsOf } from '../foundation/programs';
import type { FoundationStack } from '../foundation-stack';
import { STOP_SECONDS } from './bounds';
import { container, passwordOf } from './container';
import { environmentOf, imageUri } from './environment';

/** Fargate sells these pairs: CPU units (1024 = one vCPU) and MiB. */
const SIZE: Readonly<Record<Program, { readonly cpu: string; readonly memory: string }>> = {
  server: { cpu: '512', memory: '1024' },
  // 300 watched jobs stay under 400 MB; intake and the SDK's native half come on top.
  worker: { cpu: '1024', memory: '2048' },
};

const COMMAND: Readonly<Record<Program, string[]>> = {
  server: ['node', 'dist/server/main.js'],
  worker: ['node', '--max-semi-space-size=2', '--max-old-space-size=512', 'dist/workers/main.js'],
};

const HEALTH: Readonly<Record<Program, string[]>> = {
  server: ['CMD', 'node', 'docker/answers.mjs', `http://127.0.0.1:${SERVER_PORT}/healthz`],
  worker: ['CMD', 'node', 'docker/worker-polls.mjs'],
};

/** How a program is run: written out, since CDK's own task definitions give their roles rights of their choosing. */
export class Task extends Construct {
  readonly definition: CfnTaskDefinition;

  constructor(
    scope: Construct,
    program: Program,
    parts: { cell: Cell; foundation: FoundationStack; name: string; tag: string },
  ) {
    const { cell, foundation, name: taskName, tag } = parts;
    super(scope, `${taskName}-task`);
    const { programs, secrets, database } = foundation;
    const ownSecrets = Object.fromEntries(
      secretsOf(program, cell.settings).map(([name, secret]) => [name, secrets.arnOf(secret)]),
    );
    this.definition = new CfnTaskDefinition(this, 'Definition', {
      family: cell.names.regional(taskName),
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' },
      ...SIZE[program],
      taskRoleArn: programs.roles[program].roleArn,
      executionRoleArn: programs.executionRoles[program].roleArn,
      containerDefinitions: [
        container({
          name: program,
          image: imageUri(cell, 'product', tag),
          essential: true,
          command: COMMAND[program],
          environment: environmentOf(program, { cell, foundation, tag }),
          secrets: {
            ...ownSecrets,
            ...(program === 'server' && { PGPASSWORD: passwordOf(database.password.secretArn) }),
          },
          ...(program === 'server' && { portMappings: [{ containerPort: SERVER_PORT, protocol: 'tcp' }] }),
          healthCheck: { command: HEALTH[program], interval: 30, timeout: 15, retries: 3, startPeriod: 90 },
          stopTimeout: STOP_SECONDS[program],
          user: 'node',
          region: cell.region,
          logGroup: programs.logGroups[program],
        }),
      ],
    });
  }
}
