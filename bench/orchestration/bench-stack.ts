import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { machineJobName, workflowId } from '../../contracts/machines/names';
import type { Policy } from '../../contracts/job/policy';
import { layout } from '../../contracts/storage/layout';
import { byStage, type Stage } from '../../contracts/stages/stage';
import { STAGE } from '../../contracts/stages/stages';
import { JobFolder, jobFolderPath } from '../../local/sagemaker/jobs/job-folder';
import type { MachineJobState } from '../../local/sagemaker/jobs/job-record';
import type { Quotas } from '../../local/sagemaker/api/quotas';
import { ANY_PORTS } from '../../local/stack/ports';
import { stackS3Client, startStack, type Stack } from '../../local/stack/stack';
import { LOCAL_TENANT, type JobRecord } from '../../contracts/job/record';
import { jobIdOfKey } from '../../platform/job-id';
import { uploadPhoto, writeFaults, writeImages, writeScripts } from '../scripted/scripted-stack';

/** How long the container of each stage works: so many seconds, or until it is stopped. */
export type StageWork = Readonly<Record<Stage, number | 'until stopped'>>;

/** A SageMaker job as its endpoint noted it on disk, to the millisecond; since 1970. */
export interface Machine extends Pick<MachineJobState, 'status' | 'containerStartedAtMs' | 'endedAtMs'> {
  /** The Create call came. */
  readonly createdAtMs: number;
  /** The Stop call came. */
  readonly stopRequestedAtMs: number | undefined;
}

const DEPLOYMENT = 'local'; // local/stack/components
const PHOTOS = 6;
/** Enough machines for everyone: here nobody measures the wait for a quota. */
const NO_LIMIT = 10_000;
const QUOTAS: Quotas = {
  processing: { 'ml.c6i.2xlarge': NO_LIMIT, 'ml.c6i.4xlarge': NO_LIMIT, 'ml.c6i.8xlarge': NO_LIMIT },
  training: { 'ml.g4dn.xlarge': NO_LIMIT, 'ml.g5.xlarge': NO_LIMIT },
};

/** The whole local product in a folder of its own, with containers that cost next to nothing. */
export class BenchStack {
  private constructor(
    readonly stack: Stack,
    readonly temporal: Client,
    private readonly folder: string,
    private readonly photosUrl: string,
  ) {}

  /** With the policy of the local product, but for what is given. Where `signal` aborts first, nothing is left. */
  static async start(policy: Partial<Policy>, signal: AbortSignal): Promise<BenchStack> {
    const folder = await mkdtemp(path.join(tmpdir(), 'spaceport-bench-'));
    try {
      return await BenchStack.startIn(folder, policy, signal);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  private static async startIn(folder: string, policy: Partial<Policy>, signal: AbortSignal): Promise<BenchStack> {
    await writeImages(path.join(folder, 'images.json'), folder, path.join(folder, 'stamps.jsonl'));
    await writeFaults(path.join(folder, 'faults.json'), []);
    const stack = await startStack({
      stateFolder: path.join(folder, 'state'),
      environment: process.env,
      imagesFile: path.join(folder, 'images.json'),
      faultsFile: path.join(folder, 'faults.json'),
      ports: ANY_PORTS,
      policy,
      quotas: QUOTAS,
      signal,
    });
    const connection = await Connection.connect({ address: stack.endpoints.temporal });
    return new BenchStack(stack, new Client({ connection }), folder, await uploadPhotos(stack));
  }

  /** Ends everything and leaves no file. */
  async stop(): Promise<void> {
    await this.stack.stop();
    await this.temporal.connection.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The id of a job that is not started yet. */
  newJobId(): { jobId: string; key: string } {
    const key = randomBytes(8).toString('hex');
    return { key, jobId: jobIdOfKey(LOCAL_TENANT, key) };
  }

  /** Starts a job over HTTP, as a person does. Returns its id, and when the request left. */
  async startJob(work: StageWork, { jobId, key } = this.newJobId()): Promise<{ jobId: string; postedAtMs: number }> {
    const scripts = byStage((stage) =>
      work[stage] === 'until stopped' ? { do: 'hang' } : { do: 'complete', seconds: work[stage] },
    );
    await writeScripts(this.folder, jobId, scripts);
    const body = JSON.stringify({
      s3Url: this.photosUrl,
      email: 'pilot@example.com',
      preset: 'preview',
      retryWindowSeconds: 0,
    });
    const postedAtMs = Date.now();
    const response = await fetch(`${this.stack.endpoints.server}/start-job`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body,
    });
    if (response.status !== 202) throw new Error(`the job was refused: ${await response.text()}`);
    return { jobId, postedAtMs };
  }

  workflow(jobId: string): WorkflowHandle {
    return this.temporal.workflow.getHandle(workflowId(jobId));
  }

  /** Waits for the end of a job, which is to succeed. */
  async success(jobId: string): Promise<void> {
    const { state } = (await this.workflow(jobId).result()) as JobRecord;
    if (state !== 'succeeded') throw new Error(`${jobId} is ${state}`);
  }

  /** The SageMaker job of an attempt; null before its Create. */
  async machine(jobId: string, stage: Stage, attempt = 1): Promise<Machine | null> {
    const name = machineJobName({ deployment: DEPLOYMENT, jobId, stage, attempt });
    const folder = new JobFolder(jobFolderPath(path.join(this.folder, 'state', 'sagemaker'), STAGE[stage].kind, name));
    try {
      const [{ createdAtMs }, state, stop] = await Promise.all([
        folder.read('record'),
        folder.read('state'),
        folder.find('stop'),
      ]);
      return { ...state, createdAtMs, stopRequestedAtMs: stop?.requestedAtMs };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  /** What goes wrong on purpose from now on. */
  planFaults(faults: readonly object[]): Promise<void> {
    return writeFaults(path.join(this.folder, 'faults.json'), faults);
  }
}

async function uploadPhotos(stack: Stack): Promise<string> {
  const prefix = layout.uploadFolder(LOCAL_TENANT, 'bench');
  const s3 = stackS3Client(stack.endpoints, stack.credentials);
  try {
    for (let index = 0; index < PHOTOS; index += 1) await uploadPhoto(s3, stack.bucket, prefix, index);
  } finally {
    s3.destroy();
  }
  return `s3://${stack.bucket}/${prefix}`;
}
