import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import {
  MOVE_SIGNAL,
  SEARCH_ATTRIBUTE,
  TASK_QUEUE,
  taskQueue,
  WORKFLOW_TYPE,
} from '../../contracts/job/temporal-names';
import type { JobState } from '../../contracts/job/state';

const NOT_FOUND = 5; // grpc.status
/** Between two looks at whether a build's workers have reported. */
const LOOK_EVERY_MS = 1000;
/** temporal.api.enums.v1.WorkerDeploymentVersionStatus */
const STATUS = ['unknown', 'inactive', 'current', 'ramping', 'draining', 'drained'] as const;
/** Waiting runs move from this server on: it tells pinned runs of another version, and lets them choose it. */
const MOVES_FROM = [1, 31] as const;
/** States in which a job waits, and nothing but its record counts. */
const WAITING: readonly JobState[] = ['parked', 'waiting'];

/** The builds of a deployment's workers, as Temporal knows them. */
export interface Builds {
  readonly current: string | null;
  /** `draining`: runs that began in it are open; `drained`: none is, and its workers can end. */
  readonly builds: readonly { readonly buildId: string; readonly status: (typeof STATUS)[number] }[];
}

export async function readBuilds(client: Client, deployment: string): Promise<Builds> {
  const described = await orNull(
    client.workflowService.describeWorkerDeployment({ ...of(client), deploymentName: deployment }),
  );
  const { routingConfig, versionSummaries } = described?.workerDeploymentInfo ?? {};
  return {
    current: routingConfig?.currentDeploymentVersion?.buildId ?? null,
    builds: (versionSummaries ?? []).map(({ deploymentVersion, status }) => ({
      buildId: deploymentVersion?.buildId ?? '',
      status: STATUS.find((_, value) => value === status) ?? 'unknown',
    })),
  };
}

/**
 * Makes a build current, whose workers take all that begins from then on; waits for workers of it at each of the four
 * queues before. Throws with the queues that still lack one after `patienceMs`.
 */
export async function makeCurrent(
  client: Client,
  { deployment, buildId, patienceMs }: { deployment: string; buildId: string; patienceMs: number },
): Promise<void> {
  const untilMs = Date.now() + patienceMs;
  for (;;) {
    const lacking = await queuesWithout(client, deployment, buildId);
    if (lacking.length === 0) break;
    if (Date.now() >= untilMs)
      throw new Error(`no worker of the build "${buildId}" has come to ${lacking.join(', ')}: start it first`);
    await sleep(LOOK_EVERY_MS);
  }
  await client.workflowService.setWorkerDeploymentCurrentVersion({
    ...of(client),
    deploymentName: deployment,
    buildId,
    identity: client.options.identity,
  });
}

/** Task queues of a deployment that a build's workers have not come to. */
async function queuesWithout(client: Client, deployment: string, buildId: string): Promise<string[]> {
  const described = await orNull(
    client.workflowService.describeWorkerDeploymentVersion({
      ...of(client),
      deploymentVersion: { deploymentName: deployment, buildId },
    }),
  );
  const served = (described?.workerDeploymentVersionInfo?.taskQueueInfos ?? []).map(({ name }) => name);
  const all = Object.values(TASK_QUEUE).map((queue) => taskQueue(deployment, queue));
  return all.filter((name) => !served.includes(name));
}

/** Whether this Temporal moves waiting runs, and its version. */
export async function movesRuns(client: Client): Promise<{ moves: boolean; serverVersion: string }> {
  const { serverVersion } = await client.workflowService.getSystemInfo({});
  const [major = 0, minor = 0] = serverVersion.split('.').map(Number);
  const [fromMajor, fromMinor] = MOVES_FROM;
  return { moves: major > fromMajor || (major === fromMajor && minor >= fromMinor), serverVersion };
}

/** Wakes the jobs that wait, so that they move to the current build; returns how many. */
export async function wakeWaiting(client: Client, deployment: string): Promise<number> {
  const query = [
    `WorkflowType = '${WORKFLOW_TYPE.pipeline}'`,
    `TaskQueue = '${taskQueue(deployment, 'control')}'`,
    `ExecutionStatus = 'Running'`,
    `${SEARCH_ATTRIBUTE.state} IN (${WAITING.map((state) => `'${state}'`).join(', ')})`,
  ].join(' AND ');
  let woken = 0;
  for await (const { workflowId } of client.workflow.list({ query })) {
    try {
      await client.workflow.getHandle(workflowId).signal(MOVE_SIGNAL);
      woken += 1;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error; // It has ended meanwhile.
    }
  }
  return woken;
}

const of = ({ options }: Client): { namespace: string } => ({ namespace: options.namespace });

/** Null where Temporal knows no such deployment or build. */
async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === NOT_FOUND) return null;
    throw error;
  }
}
