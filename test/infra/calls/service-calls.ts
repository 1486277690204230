import { layout } from '../../../contracts/storage/layout';
import type { Call } from '../iam/policy';
import { impliedCalls, type CellThings, type Command } from './commands';

type Implied = Omit<Call, 'principal'>;

const JOB = 'k3v9q2m7x1';

/** What SageMaker does in the name of the machines' role, after the developer guide's "SageMaker AI execution roles". */
export function machineCalls(deployment: string, inputBuckets: readonly string[], cell: CellThings): Implied[] {
  const { region, account, keyArn } = cell;
  const arn = (service: string, resource: string): string => `arn:aws:${service}:${region}:${account}:${resource}`;
  const commands: Command[] = [
    { name: 'ListObjectsV2' },
    { name: 'GetObject', key: `${layout.configFolder(JOB, 'sfm', 1)}settings.json` },
    { name: 'GetObject', key: `${layout.uploadPhotosFolder('acme', 'u7f3k2m9q1x5')}a.JPG` },
    { name: 'PutObject', key: `${layout.outputFolder(JOB, 'sfm', 1)}report.json` },
    { name: 'UploadPart', key: `${layout.outputFolder(JOB, 'training', 1)}model.ply` },
    { name: 'AbortMultipartUpload', key: `${layout.outputFolder(JOB, 'training', 1)}model.ply` },
    { name: 'PutObject', key: layout.preview(JOB, 1, 'picture.jpg') },
    { name: 'DeleteObjects', key: layout.preview(JOB, 1, 'scene.sog') },
    ...inputBuckets.flatMap((bucket): Command[] => [
      { name: 'ListObjectsV2', bucket },
      { name: 'GetObject', bucket, key: 'quarry/a.JPG' },
    ]),
  ];
  return [
    ...commands.flatMap((command) => impliedCalls(command, cell)),
    ...['kms:Encrypt', 'kms:DescribeKey'].map((action) => ({ action, resource: keyArn })),
    { action: 'kms:CreateGrant', resource: keyArn, context: { 'kms:GrantIsForAWSResource': 'true' } },
    ...pull(['sfm', 'training', 'compression'], deployment, cell),
    ...['ProcessingJobs', 'TrainingJobs'].flatMap((group) =>
      ['CreateLogGroup', 'CreateLogStream', 'DescribeLogStreams', 'PutLogEvents'].map((action) => ({
        action: `logs:${action}`,
        resource: arn('logs', `log-group:/aws/sagemaker/${group}:log-stream:${deployment}-${JOB}-sfm-a01/algo-1-1`),
      })),
    ),
    {
      action: 'cloudwatch:PutMetricData',
      resource: '*',
      context: { 'cloudwatch:namespace': '/aws/sagemaker/TrainingJobs' },
    },
  ];
}

/** What ECS does to start a task. */
export function startCalls(
  deployment: string,
  { images, secrets, logGroup }: { images: readonly string[]; secrets: readonly string[]; logGroup: string },
  cell: CellThings,
): Implied[] {
  const { region, account, keyArn } = cell;
  const arn = (service: string, resource: string): string => `arn:aws:${service}:${region}:${account}:${resource}`;
  return [
    ...pull(images, deployment, cell),
    ...secrets.map((name) => ({
      action: 'secretsmanager:GetSecretValue',
      resource: arn('secretsmanager', `secret:${deployment}/${name}-AbCdEf`),
    })),
    {
      action: 'kms:Decrypt',
      resource: keyArn,
      context: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` },
    },
    ...['CreateLogStream', 'PutLogEvents'].map((action) => ({
      action: `logs:${action}`,
      resource: arn('logs', `log-group:${logGroup}:log-stream:server/server/1`),
    })),
  ];
}

function pull(images: readonly string[], deployment: string, { region, account }: CellThings): Implied[] {
  return [
    { action: 'ecr:GetAuthorizationToken', resource: '*' },
    ...images.flatMap((image) =>
      ['BatchCheckLayerAvailability', 'BatchGetImage', 'GetDownloadUrlForLayer'].map((action) => ({
        action: `ecr:${action}`,
        resource: `arn:aws:ecr:${region}:${account}:repository/${deployment}/${image}`,
      })),
    ),
  ];
}

/** What SES's mail server asks for when the mailer's password sends a mail. */
export const mailCalls = (
  { host, sender, configurationSet }: { host: string; sender: string; configurationSet: string },
  { region, account }: CellThings,
): Implied[] =>
  [`identity/${host}`, `configuration-set/${configurationSet}`].map((resource) => ({
    action: 'ses:SendRawEmail',
    resource: `arn:aws:ses:${region}:${account}:${resource}`,
    context: { 'ses:FromAddress': sender },
  }));
