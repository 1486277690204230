import { Aws } from 'aws-cdk-lib';
import { STAGES } from '../../../contracts/stages/stage';
import { imageVariable } from '../../../contracts/stages/stages';
import type { Cell, ImageName } from '../cell';
import type { Program } from '../program';
import { senderOf } from '../foundation/mail';
import { SERVER_PORT } from '../foundation/network';
import { eventsLogGroup } from '../foundation/events';
import type { FoundationStack } from '../foundation-stack';
import { METRICS_NAMESPACE } from './product-alarms';

/** Address of an image in this cell's registry. */
export const imageUri = (cell: Cell, image: ImageName, tag = cell.imageTag): string =>
  `${Aws.ACCOUNT_ID}.dkr.ecr.${cell.region}.${Aws.URL_SUFFIX}/${cell.names.repository(image)}:${tag}`;

/**
 * What a program is told openly; platform/config.ts reads it.
 * @param tag of the product's image; a worker's is its build, by which Temporal keeps versions of workers apart
 */
export function environmentOf(
  program: Program,
  { cell, foundation, tag }: { cell: Cell; foundation: FoundationStack; tag: string },
): Record<string, string> {
  const { settings } = cell;
  return {
    AWS_REGION: cell.region,
    SPACEPORT_DEPLOYMENT: cell.deployment,
    SPACEPORT_BUCKET: foundation.storage.bucket.bucketName,
    SPACEPORT_INPUT_BUCKETS: settings.inputBuckets.join(','),
    SPACEPORT_ROLE_ARN: foundation.programs.machineRole.roleArn,
    SPACEPORT_KMS_KEY_ARN: foundation.encryption.key.keyArn,
    ...Object.fromEntries(STAGES.map((stage) => [imageVariable(stage), imageUri(cell, stage)])),
    SPACEPORT_MAIL_FROM: senderOf(cell),
    SPACEPORT_PUBLIC_URL: `https://${settings.host}`,
    SPACEPORT_TRUST_PROXY: '1',
    TEMPORAL_ADDRESS: cell.temporalAddress,
    TEMPORAL_NAMESPACE: settings.temporal.namespace,
    ...(program === 'server'
      ? {
          SPACEPORT_HOST: '0.0.0.0',
          SPACEPORT_PORT: String(SERVER_PORT),
          SPACEPORT_METRICS_NAMESPACE: METRICS_NAMESPACE,
          SPACEPORT_MAIL_EVENTS_LOG_GROUP: eventsLogGroup(cell),
          DATABASE_URL: foundation.databaseUrl,
        }
      : // As docs/operations.md has them measured.
        { MALLOC_ARENA_MAX: '2', SPACEPORT_BUILD_ID: tag }),
  };
}
