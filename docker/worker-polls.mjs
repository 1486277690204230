/**
 * Health check of the worker: ends with 0 where Temporal has heard from this container's worker lately, else with 1.
 */
import { hostname } from 'node:os';
import { taskQueue } from '#dist/contracts/job/temporal-names.js';
import { readConfig } from '#dist/platform/config.js';
import { connectTemporal } from '#dist/platform/temporal-client.js';

/** A poll lasts a minute, and the next one begins at once. */
const LATELY_MS = 2 * 60_000;
const WORKFLOW_TASKS = 1; // temporal.api.enums.v1.TaskQueueType

async function polls() {
  const config = readConfig(process.env);
  const { connection } = await connectTemporal(config);
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace: config.temporalNamespace,
    taskQueue: { name: taskQueue(config.deployment, 'control') },
    taskQueueType: WORKFLOW_TASKS,
  });
  // The SDK's identity is pid@host; a container's host name is its own.
  const own = (pollers ?? []).filter(({ identity }) => identity?.endsWith(`@${hostname()}`));
  return own.some(({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < LATELY_MS);
}

try {
  const healthy = await polls();
  if (!healthy) console.error(`the worker on ${hostname()} does not poll`);
  // Where no name server answers, gRPC's questions to one would keep this process for 20 s more.
  process.exit(healthy ? 0 : 1);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
