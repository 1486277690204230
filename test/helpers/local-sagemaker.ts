import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateProcessingJobCommand,
  CreateTrainingJobCommand,
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  SageMakerClient,
  type CreateProcessingJobCommandInput,
  type CreateTrainingJobCommandInput,
  type DescribeProcessingJobCommandOutput,
  type DescribeTrainingJobCommandOutput,
} from '@aws-sdk/client-sagemaker';
import pino from 'pino';
import { FaultPlanFile } from '../../local/faults/fault-plan-file';
import { s3Rule } from '../../local/s3/faults/fault-plan';
import { operationFaults } from '../../local/s3/faults/operation-faults';
import { createS3Server, type S3Server } from '../../local/s3/server';
import { waitFor } from './wait-for';

export const BUCKET = 'jobs';
export const CREDENTIALS = { accessKeyId: 'local-key', secretAccessKey: 'local-secret' };
export const REGION = 'us-east-1';
export const ROLE = 'arn:aws:iam::123456789012:role/spaceport-jobs';

export interface EndpointSettings {
  quotas?: object;
  stopGraceSeconds?: number;
  keepTrees?: boolean;
  /** Lets `plan` and `s3Plan` write fault plans. */
  faults?: boolean;
}

/** What an S3 operation has to wait for. */
export interface S3Faults {
  before?: ((operation: string) => Promise<void>) | undefined;
}

/** A program of a test, as the source of a Node or shell script. */
export type Programs = Record<string, { node: string } | { sh: string }>;

/** The SageMaker endpoint as a process beside an S3 endpoint, both on scratch folders that `close` removes. */
export class LocalSageMaker {
  endpoint!: string;
  sagemaker!: SageMakerClient;
  logs!: CloudWatchLogsClient;
  process!: ChildProcess;
  /** What endpoint processes have written to stderr. */
  errors = '';
  private s3Endpoint = '';

  private constructor(
    readonly folder: string,
    readonly s3: S3Client,
    readonly s3Faults: S3Faults,
    private readonly s3Server: S3Server,
    private readonly settings: EndpointSettings,
  ) {}

  static async start(programs: Programs, settings: EndpointSettings = {}): Promise<LocalSageMaker> {
    const folder = await mkdtemp(path.join(tmpdir(), 'spaceport-sagemaker-'));
    const images = await Promise.all(
      Object.entries(programs).map(async ([image, program]) => {
        const [interpreter, source] = 'node' in program ? [process.execPath, program.node] : ['/bin/sh', program.sh];
        const file = path.join(folder, `${image}.program`);
        await writeFile(file, source);
        return [image, { argv: [interpreter, file], env: { FROM_MANIFEST: 'yes' } }];
      }),
    );
    await writeFile(path.join(folder, 'images.json'), JSON.stringify(Object.fromEntries(images)));
    const logger = pino({ level: 'silent' });
    const faults: S3Faults = {};
    const planned = operationFaults(
      new FaultPlanFile(path.join(folder, 's3-faults.json'), s3Rule),
      path.join(folder, 's3'),
    );
    const s3Server = await createS3Server({
      root: path.join(folder, 's3'),
      credentials: [CREDENTIALS],
      region: REGION,
      logger,
      around: async (operation, exchange, proceed) => {
        await faults.before?.(operation);
        await (settings.faults ? planned(operation, exchange, proceed) : proceed());
      },
    });
    s3Server.server.listen(0, '127.0.0.1');
    await once(s3Server.server, 'listening');
    const s3Endpoint = `http://127.0.0.1:${(s3Server.server.address() as AddressInfo).port}`;
    const s3 = new S3Client({ endpoint: s3Endpoint, region: REGION, credentials: CREDENTIALS });
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    const local = new LocalSageMaker(folder, s3, faults, s3Server, settings);
    await local.startEndpoint(s3Endpoint);
    return local;
  }

  /** Starts the endpoint process (again, after it was killed) on the same folder. */
  async startEndpoint(s3Endpoint = this.s3Endpoint): Promise<void> {
    this.s3Endpoint = s3Endpoint;
    const repository = path.resolve(__dirname, '../..');
    const hook = path.join(repository, 'test/helpers/register-typescript.js');
    this.process = spawn(process.execPath, ['-r', hook, path.join(repository, 'local/sagemaker/main.ts')], {
      env: {
        PATH: process.env.PATH,
        SPACEPORT_SAGEMAKER_PORT: '0',
        SPACEPORT_SAGEMAKER_ROOT: path.join(this.folder, 'sagemaker'),
        SPACEPORT_IMAGES_FILE: path.join(this.folder, 'images.json'),
        SPACEPORT_SAGEMAKER_QUOTAS: JSON.stringify(this.settings.quotas ?? {}),
        SPACEPORT_STOP_GRACE_SECONDS: String(this.settings.stopGraceSeconds ?? 20),
        SPACEPORT_SYNC_INTERVAL_SECONDS: '0.1',
        ...(this.settings.faults ? { SPACEPORT_SAGEMAKER_FAULTS: path.join(this.folder, 'faults.json') } : {}),
        SPACEPORT_KEEP_JOB_TREES: this.settings.keepTrees ? '1' : '0',
        AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
        AWS_REGION: REGION,
        AWS_ENDPOINT_URL_S3: s3Endpoint,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.stderr!.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    const line = await firstLine(this.process).catch((error: unknown) => {
      throw new Error(`${(error as Error).message}\n${this.errors}`);
    });
    this.endpoint = (JSON.parse(line) as { listening: string }).listening;
    const client = { endpoint: this.endpoint, region: REGION, credentials: CREDENTIALS };
    this.sagemaker = new SageMakerClient(client);
    this.logs = new CloudWatchLogsClient(client);
  }

  /** Replaces the fault plan. */
  plan(...faults: object[]): Promise<void> {
    return this.writePlan(JSON.stringify({ faults }));
  }

  /** Replaces the fault plan of the S3 endpoint. */
  s3Plan(...faults: object[]): Promise<void> {
    return this.writePlan(JSON.stringify({ faults }), 's3-faults.json');
  }

  /** Replaces the text of a fault plan, in one step, since it may be read at any moment. */
  async writePlan(text: string, name = 'faults.json'): Promise<void> {
    const file = path.join(this.folder, name);
    await writeFile(`${file}.part`, text);
    await rename(`${file}.part`, file);
  }

  /** The faults that have befallen a job, or an object, so far, in their order. */
  async firedFaults(whom: { jobName: string } | { key: string }): Promise<{ kind: string; operation?: string }[]> {
    const [endpoint, name, value] =
      'key' in whom ? (['s3', 'key', whom.key] as const) : (['sagemaker', 'jobName', whom.jobName] as const);
    const text = await readFile(path.join(this.folder, endpoint, 'faults-fired.jsonl'), 'utf8').catch(() => '');
    const lines = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    return lines.filter((line) => line[name] === value).map(({ kind, operation }) => ({ kind, operation }));
  }

  /** SIGKILL to the endpoint alone. */
  async killEndpoint(): Promise<void> {
    const exited = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exited;
  }

  /** SIGTERM; resolves with the exit code when the endpoint has gone by itself. */
  async stopEndpoint(): Promise<number | null> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return this.process.exitCode;
    const exited = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    return ((await exited) as [number | null])[0];
  }

  async close(): Promise<void> {
    await this.stopEndpoint();
    await this.s3Server.close();
    this.s3.destroy();
    this.sagemaker.destroy();
    this.logs.destroy();
    await rm(this.folder, { recursive: true, force: true });
  }

  async put(objects: Record<string, string>): Promise<void> {
    await Promise.all(
      Object.entries(objects).map(([Key, Body]) =>
        this.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, ContentLength: Buffer.byteLength(Body) })),
      ),
    );
  }

  async get(key: string): Promise<Buffer> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    return Buffer.from(await Body!.transformToByteArray());
  }

  async keys(prefix: string): Promise<string[]> {
    const { Contents } = await this.s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }));
    return (Contents ?? []).map(({ Key }) => Key!);
  }

  async createProcessingJob(
    name: string,
    image: string,
    more: Partial<CreateProcessingJobCommandInput> = {},
  ): Promise<void> {
    await this.sagemaker.send(new CreateProcessingJobCommand(processingRequest(name, image, more)));
  }

  async createTrainingJob(
    name: string,
    image: string,
    more: Partial<CreateTrainingJobCommandInput> = {},
  ): Promise<void> {
    await this.sagemaker.send(new CreateTrainingJobCommand(trainingRequest(name, image, more)));
  }

  describeProcessingJob(name: string): Promise<DescribeProcessingJobCommandOutput> {
    return this.sagemaker.send(new DescribeProcessingJobCommand({ ProcessingJobName: name }));
  }

  describeTrainingJob(name: string): Promise<DescribeTrainingJobCommandOutput> {
    return this.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
  }

  processingJobEnd(name: string): Promise<DescribeProcessingJobCommandOutput> {
    return waitFor(`the end of ${name}`, async () => {
      const job = await this.describeProcessingJob(name);
      return isEnd(job.ProcessingJobStatus) && job;
    });
  }

  trainingJobEnd(name: string): Promise<DescribeTrainingJobCommandOutput> {
    return waitFor(`the end of ${name}`, async () => {
      const job = await this.describeTrainingJob(name);
      return isEnd(job.TrainingJobStatus) && job;
    });
  }

  /** Where a job is kept on disk. */
  jobFolder(kind: 'processing' | 'training', name: string): string {
    return path.join(this.folder, 'sagemaker', 'jobs', kind, name);
  }

  /** Reads a file of a job's tree once it is there and not empty: a program's sign that it has come so far. */
  fileInTree(kind: 'processing' | 'training', name: string, file: string): Promise<string> {
    const location = path.join(this.jobFolder(kind, name), 'tree', file);
    return waitFor(location, () => readFile(location, 'utf8'));
  }

  /** Pids of living processes whose environment names this stack's folder: containers and supervisors. */
  async processes(): Promise<number[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
    const owned = await Promise.all(
      pids.map(async (pid) => {
        const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
        const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        return pid !== process.pid && `${environment}${commandLine}`.includes(this.folder);
      }),
    );
    return pids.filter((_, index) => owned[index]);
  }
}

export function processingRequest(
  name: string,
  image: string,
  more: Partial<CreateProcessingJobCommandInput> = {},
): CreateProcessingJobCommandInput {
  return {
    ProcessingJobName: name,
    RoleArn: ROLE,
    AppSpecification: { ImageUri: image },
    ProcessingResources: { ClusterConfig: { InstanceCount: 1, InstanceType: 'ml.c6i.2xlarge', VolumeSizeInGB: 10 } },
    StoppingCondition: { MaxRuntimeInSeconds: 600 },
    ...more,
  };
}

export function trainingRequest(
  name: string,
  image: string,
  more: Partial<CreateTrainingJobCommandInput> = {},
): CreateTrainingJobCommandInput {
  return {
    TrainingJobName: name,
    RoleArn: ROLE,
    AlgorithmSpecification: { TrainingImage: image, TrainingInputMode: 'File' },
    ResourceConfig: { InstanceCount: 1, InstanceType: 'ml.g4dn.xlarge', VolumeSizeInGB: 10 },
    StoppingCondition: { MaxRuntimeInSeconds: 600 },
    OutputDataConfig: { S3OutputPath: `s3://${BUCKET}/models` },
    ...more,
  };
}

/** A ProcessingInput that lands in /opt/ml/processing/input/<name>. */
export function input(name: string, s3Uri: string, type: 'S3Prefix' | 'ManifestFile' = 'S3Prefix') {
  return {
    InputName: name,
    S3Input: {
      S3Uri: s3Uri,
      LocalPath: `/opt/ml/processing/input/${name}`,
      S3DataType: type,
      S3InputMode: 'File' as const,
    },
  };
}

/** A ProcessingOutput that takes /opt/ml/processing/output. */
export function output(s3Uri: string, mode: 'EndOfJob' | 'Continuous' = 'EndOfJob') {
  return {
    Outputs: [
      { OutputName: 'result', S3Output: { S3Uri: s3Uri, LocalPath: '/opt/ml/processing/output', S3UploadMode: mode } },
    ],
  };
}

function isEnd(status: string | undefined): boolean {
  return status === 'Completed' || status === 'Failed' || status === 'Stopped';
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = '';
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the endpoint ended with ${code} before it listened`);
  });
  const read = (async () => {
    for await (const chunk of child.stdout!) {
      text += String(chunk);
      if (text.includes('\n')) break;
    }
    return text.split('\n')[0]!;
  })();
  return Promise.race([read, ended]);
}
