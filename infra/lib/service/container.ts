import type { CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';

type Definition = CfnTaskDefinition.ContainerDefinitionProperty;

interface Container extends Pick<
  Definition,
  'command' | 'dependsOn' | 'healthCheck' | 'mountPoints' | 'portMappings' | 'stopTimeout'
> {
  readonly name: string;
  readonly image: string;
  /** One that ends by itself, before the others begin, is none that the task stands and falls with. */
  readonly essential: boolean;
  readonly environment: Readonly<Record<string, string>>;
  /** ARNs of Secrets Manager, by variable. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly user: string;
  readonly region: string;
  readonly logGroup: ILogGroup;
}

/** A container of a task: without root, without a disk to write to but what is mounted, its output in CloudWatch's logs. */
export const container = ({ environment, secrets, region, logGroup, ...own }: Container): Definition => ({
  ...own,
  environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
  secrets: Object.entries(secrets).map(([name, valueFrom]) => ({ name, valueFrom })),
  readonlyRootFilesystem: true,
  linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] } },
  logConfiguration: {
    logDriver: 'awslogs',
    options: {
      'awslogs-group': logGroup.logGroupName,
      'awslogs-region': region,
      'awslogs-stream-prefix': own.name,
      // A program waits for no log.
      mode: 'non-blocking',
      'max-buffer-size': '25m',
    },
  },
});

/** The password that RDS made up, out of its secret, which is JSON. */
export const passwordOf = (secretArn: string): string => `${secretArn}:password::`;
