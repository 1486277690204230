import type { DatabaseSecretName, ImageName, SecretName } from '../cell';
import { arn, type Allowed, type Place } from './statement';

/** Secrets Manager adds a hyphen and six characters to the name in an ARN. */
const secretArn = ({ cell }: Place, name: SecretName | DatabaseSecretName): string =>
  arn('secretsmanager', cell, `secret:${cell.names.secret(name)}-??????`);

/** A task as ECS starts it. */
export interface StartedTask {
  readonly name: string;
  readonly images: readonly ImageName[];
  readonly secrets: readonly (SecretName | DatabaseSecretName)[];
}

/** What ECS does to start a task: pulls its images, reads its secrets, and opens its log. */
export function executionStatements(place: Place, { name: task, images, secrets }: StartedTask): Allowed[] {
  const { cell, keyArn } = place;
  return [
    { sid: 'LogInToImages', actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
    {
      sid: 'PullImage',
      actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      resources: images.map((image) => arn('ecr', cell, `repository/${cell.names.repository(image)}`)),
    },
    {
      sid: 'ReadSecrets',
      actions: ['secretsmanager:GetSecretValue'],
      resources: secrets.map((name) => secretArn(place, name)),
    },
    {
      sid: 'DecryptSecrets',
      actions: ['kms:Decrypt'],
      resources: [keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${cell.region}.amazonaws.com` } },
    },
    {
      sid: 'WriteLog',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [arn('logs', cell, `log-group:${cell.names.logGroup(task)}:log-stream:*`)],
    },
  ];
}
