import path from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, type RunningS3 } from '../local/s3/harness';
import { REQUIRED_ENVIRONMENT } from './environment';

/** Arguments with which Node runs the server from its sources. */
export const SERVER_COMMAND: readonly string[] = [
  '-r',
  path.join(__dirname, 'register-typescript.js'),
  path.join(__dirname, '../../server/main.ts'),
];

/** What a server of its own process needs to reach these two; it listens on a free port. */
export const serverEnvironment = (s3: RunningS3, temporal: TestWorkflowEnvironment): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  AWS_ACCESS_KEY_ID: ACCESS_KEY_ID,
  AWS_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY,
  AWS_REGION: REGION,
  AWS_ENDPOINT_URL_S3: s3.endpoint,
  ...REQUIRED_ENVIRONMENT,
  SPACEPORT_PORT: '0',
  TEMPORAL_ADDRESS: temporal.address,
});
