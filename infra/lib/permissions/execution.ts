import type { SecretName } from '../cell';
import { arn, type Allowed, type Place } from './statement';

/** Secrets Manager adds a hyphen and six characters to the name in an ARN. */
const secretArn = ({ cell }: Place, name: SecretName | 'database'): string =>
  arn('secretsmanager', cell, `secret:${cell.names.secret(name)}-??????`);

/** What ECS does to start a program: pulls its image, reads its secrets, and opens its log. */
export function executionStatements(
  place: Place,
  program: string,
  secrets: readonly (SecretName | 'database')[],
): Allowed[] {
  const { cell, keyArn } = place;
  return [
    { sid: 'LogInToImages', actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
    {
      sid: 'PullImage',
      actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      resources: [arn('ecr', cell, `repository/${cell.names.repository('product')}`)],
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
      resources: [arn('logs', cell, `log-group:${cell.names.logGroup(program)}:log-stream:*`)],
    },
  ];
}
