import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { CreateProcessingJobCommand, SageMakerClient, type ProcessingInstanceType } from '@aws-sdk/client-sagemaker';
import {
  Client,
  Connection,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type WorkflowExecutionStatusName,
} from '@temporalio/client';
import { SpaceportApi } from '../../../cli/server/spaceport-api';
import { workflowId } from '../../../contracts/machines/names';
import type { JobRecord } from '../../../contracts/job/record';
import { isFinal, type JobState } from '../../../contracts/job/state';
import type { JobView } from '../../../contracts/job/view';
import type { Policy } from '../../../contracts/job/policy';
import { layout } from '../../../contracts/storage/layout';
import { STAGES, type Part, type Stage } from '../../../contracts/stages/stage';
import { LOCAL_REGION } from '../../../local/stack/components';
import { ANY_PORTS } from '../../../local/stack/ports';
import { startStack, stackS3Client, type Stack } from '../../../local/stack/stack';
import type { Quotas } from '../../../local/sagemaker/api/quotas';
import { LOCAL_TENANT } from '../../../contracts/job/record';
import { jobIdOfKey } from '../../../platform/job-id';
import { payloadOptions } from '../../../platform/payloads/data-converter';
import { parseKeyRing, type KeyRing } from '../../../platform/payloads/key-ring';
import { processingRequest } from '../local-sagemaker';
import { tinyPhotos } from '../photos';
import { waitFor } from '../wait-for';
import { Mailbox } from './mailbox';
import {
  IMAGE_OF_OTHERS,
  IMAGES_FILE,
  S3_FAULTS,
  SAGEMAKER_FAULTS,
  ScriptFolder,
  type ProgramRun,
  type Scripts,
} from './script-folder';

const run = promisify(execFile);

/** A job as a test wants it; stages that are not named succeed. */
export interface ScriptedJob {
  /** Idempotency-Key, from which the job's id follows (`jobIdOf`, below). Default: one of its own. */
  readonly key?: string;
  /** Fields of the request beside the photos, the address and the preset. By default a failed job ends at once. */
  readonly request?: object;
  /** Where the photos are. Default: six tiny ones, uploaded for it. */
  readonly s3Url?: string;
  readonly scripts?: { readonly [S in Stage]?: Scripts };
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: { readonly [field: string]: unknown };
}

/** As a server of compose has them. */
const PAYLOAD_KEYS = `test:${randomBytes(32).toString('hex')}`;

/** Between two looks at a job: a test that looks all the time takes the processor from what it looks at. */
const LOOK_EVERY_MS = 200;
/** Machines may be busy with other suites. */
const PATIENCE_MS = 120_000;

/** The whole local product, with real processes, S3, SageMaker and Temporal, but scripted container programs. */
export class ScriptedStack {
  readonly s3: S3Client;
  readonly sagemaker: SageMakerClient;
  private readonly mailbox: Mailbox;

  private constructor(
    readonly stack: Stack,
    readonly api: SpaceportApi,
    private readonly client: Client,
    private readonly folder: ScriptFolder,
  ) {
    const { endpoints, credentials } = stack;
    this.s3 = stackS3Client(endpoints, credentials);
    this.mailbox = new Mailbox(endpoints.mail);
    this.sagemaker = new SageMakerClient({
      endpoint: endpoints.sagemaker,
      region: LOCAL_REGION,
      credentials: { ...credentials },
    });
  }

  /** Starts on an empty state folder, or on a packed one; `parent` is the folder that it is made in. */
  static async start(
    policy: Partial<Policy> = {},
    quotas?: Quotas,
    stateArchive?: string,
    parent = tmpdir(),
  ): Promise<ScriptedStack> {
    const folder = await ScriptFolder.make(parent);
    const stateFolder = folder.place('state');
    if (stateArchive !== undefined) {
      await mkdir(stateFolder);
      await run('tar', ['-xzf', stateArchive, '-C', stateFolder]);
    }
    await folder.writeImages(STAGES);
    const stack = await startStack({
      stateFolder,
      environment: { ...process.env, SPACEPORT_PAYLOAD_KEYS: PAYLOAD_KEYS },
      imagesFile: folder.place(IMAGES_FILE),
      ports: ANY_PORTS,
      policy: { pollIntervalMs: 100, heartbeatTimeoutMs: 5000, minPhotos: 3, ...policy },
      quotas,
      faultsFile: folder.place(SAGEMAKER_FAULTS),
      s3FaultsFile: folder.place(S3_FAULTS),
      stopGraceSeconds: 2,
    });
    const connection = await Connection.connect({ address: stack.endpoints.temporal });
    const client = new Client({ connection, ...payloadOptions(parseKeyRing(PAYLOAD_KEYS) as KeyRing) });
    const scripted = new ScriptedStack(stack, new SpaceportApi(stack.endpoints.server), client, folder);
    for (const stage of STAGES) await scripted.script(stage, 'complete');
    return scripted;
  }

  async stop(): Promise<void> {
    this.s3.destroy();
    this.sagemaker.destroy();
    await this.client.connection.close();
    await this.stack.stop();
    await this.folder.remove();
  }

  /**
   * Scripts the programs of a stage from now on, running ones included: those of one job, of one part of its scene, or
   * of all jobs without scripts of their own.
   */
  script(stage: Stage, scripts: Scripts, jobId?: string, part: Part = null): Promise<void> {
    return this.folder.script(stage, scripts, jobId, part);
  }

  /** Replaces the fault plan of local/sagemaker; what the old one has counted is forgotten. */
  plan(...faults: object[]): Promise<void> {
    return this.folder.write(SAGEMAKER_FAULTS, { faults });
  }

  /** The same for local/s3. */
  planS3(...faults: object[]): Promise<void> {
    return this.folder.write(S3_FAULTS, { faults });
  }

  /** The faults of local/s3 that have befallen something so far. */
  firedS3Faults(): Promise<{ kind: string; key: string }[]> {
    return this.folder.firedS3Faults();
  }

  /** Puts files into a folder of their own, and returns its address. */
  async upload(files: Readonly<Record<string, Buffer>>): Promise<string> {
    const prefix = layout.uploadFolder(LOCAL_TENANT, randomBytes(6).toString('hex'));
    await Promise.all(
      Object.entries(files).map(([name, Body]) =>
        this.s3.send(new PutObjectCommand({ Bucket: this.stack.bucket, Key: prefix + name, Body })),
      ),
    );
    return `s3://${this.stack.bucket}/${prefix}`;
  }

  /** Starts a job; returns its id. Throws when the server refuses. */
  async startJob({
    key = randomBytes(6).toString('hex'),
    s3Url,
    request,
    scripts = {},
  }: ScriptedJob = {}): Promise<string> {
    const jobId = jobIdOf(key);
    for (const [stage, ofStage] of Object.entries(scripts)) await this.script(stage as Stage, ofStage, jobId);
    const body = {
      s3Url: s3Url ?? (await this.upload(tinyPhotos(6))),
      email: 'pilot@example.com',
      preset: 'preview',
      retryWindowSeconds: 0,
      ...request,
    };
    const answer = await this.post('/start-job', body, { 'idempotency-key': key });
    if (answer.status !== 202) throw new Error(`the job was refused: ${JSON.stringify(answer)}`);
    return jobId;
  }

  async post(address: string, body: object, headers: Record<string, string> = {}): Promise<HttpAnswer> {
    const response = await fetch(`${this.stack.endpoints.server}${address}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as HttpAnswer['body'] };
  }

  /** Waits until the job's view satisfies `check`, and returns it; gives up when the job has ended otherwise. */
  async view(jobId: string, what: string, check: (view: JobView) => boolean): Promise<JobView> {
    const seen = await waitFor(
      `${jobId}: ${what}`,
      async () => {
        const view = await this.api.job(jobId);
        if (check(view) || isFinal(view.state)) return view;
        await delay(LOOK_EVERY_MS);
        return null;
      },
      PATIENCE_MS,
    );
    if (!check(seen))
      throw new Error(
        `waited for: ${what}; but ${jobId} has ended: ${JSON.stringify({ state: seen.state, failure: seen.failure })}`,
      );
    return seen;
  }

  /** Waits for a job's end, that of its run in Temporal too, and returns how it ended. */
  async end(jobId: string): Promise<JobView> {
    const view = await this.view(jobId, 'its end', ({ state }) => isFinal(state));
    // The record has its end a moment before the run.
    await this.client.workflow.result(workflowId(jobId)).catch((error: unknown) => {
      if (!(error instanceof WorkflowFailedError)) throw error;
    });
    return view;
  }

  /** Waits until a stage's program of a job runs and is watched. */
  async running(jobId: string, stage: Stage, attempt = 1): Promise<ProgramRun> {
    const run = await waitFor(
      `attempt ${attempt} of ${stage} to run`,
      async () => (await this.runs(jobId, stage))[attempt - 1],
      PATIENCE_MS,
    );
    await this.view(
      jobId,
      `progress of ${stage}`,
      ({ stageProgress }) => stageProgress?.stage === stage && stageProgress.phase === 'scripted',
    );
    return run;
  }

  /** Each start of a stage's program of a job, newest last. */
  runs(jobId: string, stage: Stage): Promise<ProgramRun[]> {
    return this.folder.runs(`-${jobId}-${stage}-`);
  }

  /** The processes of all programs that have ever been started. */
  async pids(): Promise<number[]> {
    return (await this.folder.runs('')).flatMap(({ pids }) => pids);
  }

  /** A JSON object of the deployment's bucket. */
  async read<T>(key: string): Promise<T> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: this.stack.bucket, Key: key }));
    return JSON.parse((await Body?.transformToString()) ?? 'null') as T;
  }

  record(jobId: string): Promise<JobRecord> {
    return this.read(layout.record(jobId));
  }

  /** All that Temporal has written down so far, as bytes read one by one (ISO 8859-1). */
  async temporalDatabase(): Promise<string> {
    const files = ['state/temporal.db', 'state/temporal.db-wal'].map((name) => this.folder.place(name));
    return (await Promise.all(files.map((file) => readFile(file, 'latin1')))).join('\n');
  }

  /** Rents a machine as someone else in the same account does, under any name. */
  async rentElsewhere(name: string, instanceType: ProcessingInstanceType): Promise<void> {
    const ProcessingResources = { ClusterConfig: { InstanceCount: 1, InstanceType: instanceType, VolumeSizeInGB: 10 } };
    await this.sagemaker.send(
      new CreateProcessingJobCommand(processingRequest(name, IMAGE_OF_OTHERS, { ProcessingResources })),
    );
  }

  /** Starts local/sagemaker again, without the images of some stages. */
  async restartSageMakerWithout(...missing: readonly Stage[]): Promise<void> {
    await this.folder.writeImages(STAGES.filter((stage) => !missing.includes(stage)));
    await this.stack.kill('sagemaker');
    await this.stack.restart('sagemaker');
  }

  /** The plain Temporal CLI, as an operator uses it. */
  async temporal(...args: string[]): Promise<string> {
    const { stdout } = await run(this.stack.temporalProgram, [...args, '--address', this.stack.endpoints.temporal], {
      maxBuffer: 64 * 2 ** 20,
    });
    return stdout;
  }

  /** How Temporal lists the job's last run; null when it does not know the job, or not any more. */
  async workflowStatus(jobId: string): Promise<WorkflowExecutionStatusName | null> {
    try {
      return (await this.client.workflow.getHandle(workflowId(jobId)).describe()).status.name;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  }

  /** All states that the job's last run has been in, in order, as its history in the Web UI tells them. */
  async states(jobId: string): Promise<JobState[]> {
    const history = JSON.parse(
      await this.temporal('workflow', 'show', '--workflow-id', `job-${jobId}`, '--output', 'json'),
    ) as {
      events: {
        upsertWorkflowSearchAttributesEventAttributes?: {
          // Temporal's own, as of a patch, are among them.
          searchAttributes: { indexedFields: { JobState?: { data: string } } };
        };
      }[];
    };
    return history.events.flatMap(({ upsertWorkflowSearchAttributesEventAttributes: upsert }) => {
      const state = upsert?.searchAttributes.indexedFields.JobState;
      return state === undefined ? [] : [JSON.parse(Buffer.from(state.data, 'base64').toString()) as JobState];
    });
  }

  /** Subjects of the mails that have arrived about a job, newest first. */
  mailsAbout(jobId: string): Promise<string[]> {
    return this.mailbox.about(jobId);
  }

  /** Waits for a mail about a job; subjects of all that have arrived, newest first. */
  mailed(jobId: string, count = 1): Promise<string[]> {
    return waitFor(
      `${count} mails about ${jobId}`,
      async () => {
        const mails = await this.mailbox.about(jobId);
        if (mails.length >= count) return mails;
        await delay(LOOK_EVERY_MS);
        return null;
      },
      PATIENCE_MS,
    );
  }
}

/** The id of the job that is started under a key, known before. */
export const jobIdOf = (key: string): string => jobIdOfKey(LOCAL_TENANT, key);
