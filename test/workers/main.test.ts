import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const COMMAND = [
  '-r',
  path.join(__dirname, '../helpers/register-typescript.js'),
  path.join(__dirname, '../../workers/main.ts'),
];

test('a worker that cannot start says why and ends, so that something can start it again', async () => {
  const env = {
    PATH: process.env.PATH,
    AWS_REGION: 'us-west-2',
    SPACEPORT_DEPLOYMENT: 'test',
    SPACEPORT_BUCKET: 'spaceport',
    SPACEPORT_ROLE_ARN: 'arn:aws:iam::123456789012:role/spaceport',
    SPACEPORT_IMAGE_SFM: 'sfm',
    SPACEPORT_IMAGE_TRAINING: 'training',
    SPACEPORT_IMAGE_COMPRESSION: 'compression',
    SPACEPORT_MAIL_URL: 'smtp://127.0.0.1:1',
    SPACEPORT_MAIL_FROM: 'spaceport@example.com',
    SPACEPORT_PUBLIC_URL: 'http://127.0.0.1:3000',
    TEMPORAL_ADDRESS: '127.0.0.1:1',
  };

  await expect(promisify(execFile)(process.execPath, COMMAND, { env })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Temporal does not answer at 127.0.0.1:1, which TEMPORAL_ADDRESS names') as string,
  });
});
