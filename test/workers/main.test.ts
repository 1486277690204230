import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { REQUIRED_ENVIRONMENT } from '../helpers/environment';

const COMMAND = [
  '-r',
  path.join(__dirname, '../helpers/register-typescript.js'),
  path.join(__dirname, '../../workers/main.ts'),
];

test('a worker that cannot start says why and ends, so that something can start it again', async () => {
  const env = {
    PATH: process.env.PATH,
    AWS_REGION: 'us-west-2',
    ...REQUIRED_ENVIRONMENT,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
  };

  await expect(promisify(execFile)(process.execPath, COMMAND, { env })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Temporal does not answer at 127.0.0.1:1, which TEMPORAL_ADDRESS names') as string,
  });
});
