import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { WorkflowBundle } from '@temporalio/worker';
import { keepBundle, readyBundle } from '../../../workers/workflow-bundle';

const FOLDER = path.resolve(__dirname, '../../../.spaceport/jest-cache');

/** The bundle of the workflows as they are now, which the first suite makes for all that follow. */
export async function testBundle(): Promise<WorkflowBundle> {
  await mkdir(FOLDER, { recursive: true });
  return readyBundle('plain', FOLDER, (kind) => keepBundle(kind, FOLDER));
}
