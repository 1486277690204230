/** Creates the deployment's bucket, which the server and the workers expect; safe to repeat. */
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { createS3Client } from '../dist/platform/aws-clients.js';
import { readConfig } from '../dist/platform/config.js';

const config = readConfig(process.env);
try {
  await createS3Client(config).send(
    new CreateBucketCommand({
      Bucket: config.bucket,
      CreateBucketConfiguration: { LocationConstraint: config.region },
    }),
  );
  console.log(`the bucket ${config.bucket} was created`);
} catch (error) {
  if (error.name !== 'BucketAlreadyOwnedByYou') throw error;
  console.log(`the bucket ${config.bucket} is there`);
}
