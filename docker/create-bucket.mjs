/** Creates the deployment's bucket, which the server and the workers expect; safe to repeat. */
import { BucketAlreadyOwnedByYou, CreateBucketCommand } from '@aws-sdk/client-s3';
import { createS3Client } from '#dist/platform/aws-clients.js';
import { readConfig } from '#dist/platform/config.js';

const config = readConfig(process.env);
try {
  await createS3Client(config).send(
    new CreateBucketCommand({
      Bucket: config.bucket,
      CreateBucketConfiguration: {
        LocationConstraint: /** @type {import('@aws-sdk/client-s3').BucketLocationConstraint} */ (config.region),
      },
    }),
  );
  console.log(`the bucket ${config.bucket} was created`);
} catch (error) {
  if (!(error instanceof BucketAlreadyOwnedByYou)) throw error;
  console.log(`the bucket ${config.bucket} is there`);
}
