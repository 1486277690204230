import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Policy } from '../../contracts/policy';
import type { JobView } from '../../contracts/job-view';
import { STAGES, type Stage } from '../../contracts/stages';
import { SpaceportApi } from '../../cli/spaceport-api';
import { startStack, stackS3Client, type Stack } from '../../local/stack/stack';
import { greyJpeg } from './photos';
import { waitFor } from './wait-for';

const run = promisify(execFile);

/** What a scripted stage does: ends well, runs until told otherwise, or ends without a result. */
export type Script = 'complete' | 'hang' | 'fail';

/** The whole local product, with real processes, S3, SageMaker and Temporal, but scripted container programs. */
export class ScriptedStack {
  private constructor(
    readonly stack: Stack,
    readonly api: SpaceportApi,
    private readonly folder: string,
  ) {}

  static async start(policy: Partial<Policy> = {}): Promise<ScriptedStack> {
    const folder = await mkdtemp(path.join(tmpdir(), 'spaceport-e2e-'));
    const images = { sfm: 'spaceport/sfm', training: 'spaceport/gaussian-splatting', compression: 'spaceport/compression' };
    const program = path.resolve(__dirname, 'scripted-container.mjs');
    const manifest = Object.fromEntries(
      STAGES.map((stage) => [images[stage], { argv: [process.execPath, program, stage], env: { SCRIPT_FOLDER: folder } }]),
    );
    const imagesFile = path.join(folder, 'images.json');
    await writeFile(imagesFile, JSON.stringify(manifest));
    const stack = await startStack({
      stateFolder: path.join(folder, 'state'),
      environment: process.env,
      imagesFile,
      ports: { temporal: 0, temporalUi: 0, s3: 0, sagemaker: 0, smtp: 0, mail: 0, server: 0 },
      policy: { pollIntervalMs: 100, heartbeatTimeoutMs: 5000, minPhotos: 3, ...policy },
      faultsFile: path.join(folder, 'faults.json'),
      stopGraceSeconds: 2,
    });
    const scripted = new ScriptedStack(stack, new SpaceportApi(stack.endpoints.server), folder);
    for (const stage of STAGES) await scripted.script(stage, 'complete');
    return scripted;
  }

  async stop(): Promise<void> {
    await this.stack.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** What jobs of a stage do from now on, running ones included. */
  script(stage: Stage, what: Script): Promise<void> {
    return writeFile(path.join(this.folder, `${stage}.json`), JSON.stringify({ do: what }));
  }

  /** Replaces the fault plan of local/sagemaker; in one step, since it may be read at any moment. */
  async plan(...faults: object[]): Promise<void> {
    const file = path.join(this.folder, 'faults.json');
    await writeFile(`${file}.part`, JSON.stringify({ faults }));
    await rename(`${file}.part`, file);
  }

  /** Starts a job on six tiny photos; returns its id. */
  async startJob(retryWindowSeconds = 0): Promise<string> {
    const s3 = stackS3Client(this.stack.endpoints, this.stack.credentials);
    const prefix = `uploads/local/${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}/`;
    for (let i = 0; i < 6; i += 1)
      await s3.send(new PutObjectCommand({ Bucket: this.stack.bucket, Key: `${prefix}${i}.jpg`, Body: greyJpeg(640, 480, 100 + i) }));
    s3.destroy();
    const { jobId } = await this.api.startJob({ s3Url: `s3://${this.stack.bucket}/${prefix}`, email: 'pilot@example.com', preset: 'preview', retryWindowSeconds });
    return jobId;
  }

  /** Waits until the job's view satisfies `check`, and returns it. */
  view(jobId: string, what: string, check: (view: JobView) => boolean): Promise<JobView> {
    return waitFor(`${jobId}: ${what}`, async () => {
      const view = await this.api.job(jobId);
      return check(view) ? view : null;
    }, 120_000);
  }

  /** Process ids of each start of a stage's program, newest last: the program and its child. */
  async runs(jobId: string, stage: Stage): Promise<{ jobName: string; pids: number[] }[]> {
    const files = (await readdir(this.folder)).filter((name) => name.includes(`-${jobId}-${stage}-`) && name.endsWith('.runs')).sort();
    const runs = await Promise.all(
      files.map(async (file) => {
        const lines = (await readFile(path.join(this.folder, file), 'utf8')).trim().split('\n');
        return lines.map((line) => ({ jobName: file.replace('.runs', ''), pids: line.split(' ').map(Number) }));
      }),
    );
    return runs.flat();
  }

  /** The plain Temporal CLI, as an operator uses it. */
  async temporal(...args: string[]): Promise<string> {
    const { stdout } = await run(this.stack.temporalProgram, [...args, '--address', this.stack.endpoints.temporal]);
    return stdout;
  }

  async workflowStatus(jobId: string): Promise<string> {
    const described = JSON.parse(await this.temporal('workflow', 'describe', '--workflow-id', `job-${jobId}`, '--output', 'json')) as {
      workflowExecutionInfo: { status: string };
    };
    return described.workflowExecutionInfo.status.replace('WORKFLOW_EXECUTION_STATUS_', '');
  }

  /** Subjects of the mails that have arrived about a job, newest first. */
  async mailsAbout(jobId: string): Promise<string[]> {
    const read = (path: string): Promise<Response> => fetch(`${this.stack.endpoints.mail}${path}`);
    const listed = (await (await read('/messages')).json()) as { id: string; subject: string }[];
    const bodies = await Promise.all(listed.map(async ({ id, subject }) => ({ subject, text: await (await read(`/messages/${id}`)).text() })));
    // Quoted-printable breaks long lines, and with them a job id.
    return bodies.filter(({ text }) => text.replaceAll('=\r\n', '').includes(jobId)).map(({ subject }) => subject);
  }
}

/** Whether a process lives (a zombie that waits for its parent does not). */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    return stat === '' || !/\) [ZX] /.test(stat);
  } catch {
    return false;
  }
}
