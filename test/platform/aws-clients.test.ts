/** Where the S3 clients of the server and the workers send a bucket's requests. */
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createS3Client } from '../../platform/aws-clients';
import { readConfig, type Config } from '../../platform/config';

const environment = {
  SPACEPORT_DEPLOYMENT: 'test',
  SPACEPORT_BUCKET: 'flights',
  SPACEPORT_ROLE_ARN: 'arn:aws:iam::000000000000:role/test',
  SPACEPORT_IMAGE_SFM: 'sfm',
  SPACEPORT_IMAGE_TRAINING: 'training',
  SPACEPORT_IMAGE_COMPRESSION: 'compression',
  SPACEPORT_MAIL_URL: 'smtp://mailpit:1025',
  SPACEPORT_MAIL_FROM: 'spaceport@example.com',
  SPACEPORT_PUBLIC_URL: 'http://127.0.0.1:3000',
};
const awsVariables = ['AWS_ENDPOINT_URL_S3', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];

const saved = Object.fromEntries(awsVariables.map((name) => [name, process.env[name]]));

afterEach(() => {
  for (const name of awsVariables) {
    if (saved[name] === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = saved[name];
  }
});

/** The SDK reads its endpoint and key from the process, the product its settings from what it is given. */
async function addressOfAnObject(variables: Record<string, string>): Promise<string> {
  delete process.env.AWS_ENDPOINT_URL_S3;
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' }, variables);
  const config: Config = readConfig({ ...environment, ...variables });
  const s3: S3Client = createS3Client(config);
  const { origin, pathname } = new URL(
    await getSignedUrl(s3, new PutObjectCommand({ Bucket: config.bucket, Key: 'a.jpg' })),
  );
  s3.destroy();
  return `${origin}${pathname}`;
}

test('AWS gets the bucket as a host name', async () => {
  expect(await addressOfAnObject({})).toBe('https://flights.s3.us-west-2.amazonaws.com/a.jpg');
});

test('an endpoint of our own gets the bucket in the path, since no name leads to it', async () => {
  expect(await addressOfAnObject({ AWS_ENDPOINT_URL_S3: 'http://s3:9000' })).toBe('http://s3:9000/flights/a.jpg');
});

test('an endpoint that is not an address is named with every other problem', () => {
  expect(() => readConfig({ ...environment, AWS_ENDPOINT_URL_S3: 'nowhere', SPACEPORT_BUCKET: '' })).toThrow(
    /AWS_ENDPOINT_URL_S3[\s\S]*SPACEPORT_BUCKET/,
  );
});
