import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Policy } from '../../contracts/job/policy';
import type { Quotas } from '../../local/sagemaker/api/quotas';
import { COMPONENT_NAMES, type ComponentName } from '../../local/stack/components';
import { ANY_PORTS } from '../../local/stack/ports';
import { stackS3Client, startStack, type Stack } from '../../local/stack/stack';
import { keyOfNewTenant } from '../scripted/tenant-key';
import { uploadPhoto, writeFaults, writeImages, writeScripts } from '../scripted/scripted-stack';
import type { PlannedFault } from './fault-kinds';
import { TENANTS, type JobPlan, type Tenant } from './job-plan';

/** Everything waits for milliseconds where it waits for minutes at work. */
export const POLICY: Partial<Policy> = {
  pollIntervalMs: 250,
  heartbeatTimeoutMs: 6000,
  capacityRetryMs: 500,
  capacityWaitMs: 10 * 60_000,
  stopMarginMs: 2000,
  retryInitialMs: 100,
  retryMaximumMs: 2000,
  upkeepIntervalMs: 20_000,
  upkeepAgeMs: 30_000,
  unstartedAgeMs: 60_000,
  minPhotos: 3,
};

/** Fewer machines than jobs, so that some wait; and no larger machine for compression. */
const QUOTAS: Quotas = {
  processing: { 'ml.c6i.2xlarge': 5, 'ml.c6i.4xlarge': 5, 'ml.c6i.8xlarge': 0 },
  training: { 'ml.g4dn.xlarge': 4, 'ml.g5.xlarge': 2 },
};

const PHOTOS = 4;
const STOP_GRACE_SECONDS = 2;

/** Where everything of a run lies. */
export const placesIn = (folder: string) =>
  ({
    folder,
    state: path.join(folder, 'state'),
    scripts: path.join(folder, 'scripts'),
    stamps: path.join(folder, 'stamps.jsonl'),
    deeds: path.join(folder, 'deeds.jsonl'),
    webhooks: path.join(folder, 'webhooks.jsonl'),
    plan: path.join(folder, 'plan.json'),
  }) as const;
export type Places = ReturnType<typeof placesIn>;

/** The local product under test: its processes, and what its container programs are told to do. */
export class Product {
  private readonly s3: S3Client;

  private constructor(
    readonly stack: Stack,
    readonly places: Places,
    /** API keys of the tenants. */
    readonly keys: Readonly<Record<Tenant, string>>,
  ) {
    this.s3 = stackS3Client(stack.endpoints, stack.credentials);
  }

  static async start(places: Places, plans: readonly JobPlan[]): Promise<Product> {
    await mkdir(places.scripts, { recursive: true });
    const file = (name: string): string => path.join(places.folder, name);
    const faultsOf = (endpoint: 'sagemaker' | 's3'): PlannedFault[] => plans.flatMap(({ faults }) => faults[endpoint]);
    await writeFile(places.stamps, '');
    await writeImages(file('images.json'), places.scripts, places.stamps);
    await writeFaults(file('faults.json'), faultsOf('sagemaker'));
    await writeFaults(file('s3-faults.json'), faultsOf('s3'));
    for (const { jobId, scripts } of plans) await writeScripts(places.scripts, jobId, scripts);
    const stack = await startStack({
      stateFolder: places.state,
      environment: process.env,
      ports: ANY_PORTS,
      imagesFile: file('images.json'),
      faultsFile: file('faults.json'),
      s3FaultsFile: file('s3-faults.json'),
      policy: POLICY,
      quotas: QUOTAS,
      stopGraceSeconds: STOP_GRACE_SECONDS,
    });
    return new Product(stack, places, await tenantsOf(stack.endpoints.server));
  }

  async stop(): Promise<void> {
    this.s3.destroy();
    await this.stack.stop();
  }

  /** Photos of a job's own, so that faults of S3 can befall them. Returns their address. */
  async uploadPhotos(prefix: string): Promise<string> {
    for (let index = 0; index < PHOTOS; index += 1)
      await untilItWorks(() => uploadPhoto(this.s3, this.stack.bucket, prefix, index));
    return `s3://${this.stack.bucket}/${prefix}`;
  }

  /** SIGKILL, and the same process again after a while. */
  async killAndRestart(component: ComponentName, downMs: number): Promise<void> {
    await this.stack.kill(component);
    await sleep(downMs);
    await this.stack.restart(component);
  }

  /** SIGKILL, of which the stack is not told; false where it has not started another in time. */
  async killUnannounced(component: ComponentName, patience: AbortSignal): Promise<boolean> {
    const dead = this.stack.pid(component);
    process.kill(dead, 'SIGKILL');
    const givesUpAtMs = Date.now() + REVIVED_WITHIN_MS;
    while (this.stack.pid(component) === dead) {
      if (Date.now() > givesUpAtMs || patience.aborted) return false;
      await sleep(AGAIN_AFTER_MS);
    }
    return true;
  }

  /** Processes of the product, which are not left over. */
  get pids(): number[] {
    return COMPONENT_NAMES.map((name) => this.stack.pid(name));
  }
}

/** Makes the tenants; returns a key of each. */
async function tenantsOf(server: string): Promise<Record<Tenant, string>> {
  const made = TENANTS.map(
    async (tenant) => [tenant, await keyOfNewTenant(server, tenant, ['read', 'write'])] as const,
  );
  return Object.fromEntries(await Promise.all(made)) as Record<Tenant, string>;
}

const AGAIN_AFTER_MS = 300;
const REVIVED_WITHIN_MS = 60_000;
const TRIES = 200;

/** For what a person would simply do again while a service is away. */
async function untilItWorks<T>(action: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await action();
    } catch (error) {
      if (tries === TRIES) throw error;
      await sleep(AGAIN_AFTER_MS);
    }
  }
}
