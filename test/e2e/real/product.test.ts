import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { chromium } from '@playwright/test';
import { findPhotos, uploadPhotos } from '../../../cli/server/photo-upload';
import { SpaceportApi } from '../../../cli/server/spaceport-api';
import { renderSyntheticPhotos } from '../../../cli/stack/synthetic-photos';
import type { JobView } from '../../../contracts/job/view';
import { findCheckout } from '../../../local/stack/checkout';
import { ANY_PORTS } from '../../../local/stack/ports';
import { stackS3Client, startStack, type Stack } from '../../../local/stack/stack';
import { findBrowser } from '../../helpers/browser';
import { compareWithDrawing, MIN_VIEWER_PSNR_DB } from '../../helpers/compare-with-drawing';
import { isAlive } from '../../helpers/stack/is-alive';
import { knownLengths, readVillage, type KnownLength } from './known-lengths';
import { isDrawn, savePicture, shownFirst, type Opening } from '../../helpers/scene-page';
import { waitFor } from '../../helpers/wait-for';
import { WEBGL_FLAGS } from '../../helpers/webgl-flags';

const run = promisify(execFile);
const checkout = findCheckout();
const MINUTES = 60_000;
/** Between two looks at a job: a test that looks all the time takes the processor from what it looks at. */
const LOOK_EVERY_MS = 500;
const browser = findBrowser('the page of a real job in a browser');

/** What the photos are worth takes twice as long, and shows nothing more. */
const QUICK = { maxIterations: 1000, maxGaussians: 10_000 };

let folder: string;
let stack: Stack;
let api: SpaceportApi;
let photos: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'spaceport-product-'));
  [stack, photos] = await Promise.all([
    startStack({ stateFolder: folder, environment: process.env, ports: ANY_PORTS }),
    renderSyntheticPhotos(checkout, new AbortController().signal),
  ]);
  api = new SpaceportApi(stack.endpoints.server);
}, 4 * MINUTES);
afterAll(async () => {
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
}, MINUTES);

async function startJob(from: string): Promise<string> {
  const s3 = stackS3Client(stack.endpoints, stack.credentials);
  try {
    const s3Url = await uploadPhotos(s3, stack.bucket, await findPhotos(from), new AbortController().signal);
    const job = {
      s3Url,
      email: 'pilot@example.com',
      preset: 'preview',
      retryWindowSeconds: 0,
      options: QUICK,
    } as const;
    return (await api.startJob(job)).jobId;
  } finally {
    s3.destroy();
  }
}

let sharedJobId: Promise<string> | undefined;
/** A job that is cancelled while it trains and then retried, so that its cameras are reconstructed once. */
const sharedJob = (): Promise<string> => (sharedJobId ??= startJob(photos));

const until = (jobId: string, what: string, check: (view: JobView) => boolean): Promise<JobView> =>
  waitFor(
    what,
    async () => {
      const view = await api.job(jobId);
      if (check(view)) return view;
      await delay(LOOK_EVERY_MS);
      return null;
    },
    5 * MINUTES,
  );

/** The processes of a job's training program, which is the leader of their group. */
async function processesOfTraining(jobId: string): Promise<number[]> {
  const jobName = (await api.job(jobId)).attempts.at(-1)?.jobName ?? '';
  const state = await readFile(path.join(folder, 'sagemaker/jobs/training', jobName, 'state.json'), 'utf8');
  const { container } = JSON.parse(state) as { container: { pid: number } };
  return (await run('pgrep', ['-g', String(container.pid)])).stdout.trim().split('\n').map(Number);
}

/** A file of the result, as a person downloads it. */
async function download(jobId: string, name: string): Promise<string> {
  const response = await fetch(`${stack.endpoints.server}/v1/jobs/${jobId}/artifacts/${name}`);
  expect(response.status).toBe(200);
  const file = path.join(folder, name);
  await writeFile(file, Buffer.from(await response.arrayBuffer()));
  return file;
}

test(
  'cancelling real training by a signal from the Temporal CLI leaves no process behind',
  async () => {
    const jobId = await sharedJob();
    await until(
      jobId,
      'training to be under way',
      ({ stageProgress }) => stageProgress?.stage === 'training' && stageProgress.phase === 'train',
    );
    const trainer = await processesOfTraining(jobId);
    expect(trainer.length).toBeGreaterThan(0);
    await run(stack.temporalProgram, [
      'workflow',
      'signal',
      '--workflow-id',
      `job-${jobId}`,
      '--name',
      'cancel',
      '--input',
      '{"reason":"test"}',
      '--address',
      stack.endpoints.temporal,
    ]);
    const view = await until(jobId, 'the cancellation', ({ state }) => state === 'cancelled');
    expect(view.attempts.at(-1)).toMatchObject({ stage: 'training', status: 'Stopped' });
    for (const pid of trainer) await waitFor(`process ${pid} to be gone`, async () => !(await isAlive(pid)));
  },
  6 * MINUTES,
);

test(
  'the same job, retried, becomes a scene that an independent decoder and a browser show',
  async () => {
    const jobId = await sharedJob();
    if ((await api.job(jobId)).state === 'cancelled')
      await waitFor('the run that was cancelled to close', () => api.retry(jobId, null));
    const view = await until(jobId, 'the end of the job', ({ state }) => ['succeeded', 'failed'].includes(state));
    expect(view.failure).toBeNull();
    const { sfm, training, compression } = view.stages;
    expect(sfm?.registered).toBeGreaterThanOrEqual(0.9 * (view.photos?.accepted ?? Infinity));
    expect(sfm?.points).toBeGreaterThanOrEqual(1000);
    expect(training?.psnr).toBeGreaterThanOrEqual(18);
    expect(training?.evaluationWidth).toBeGreaterThanOrEqual(400);
    expect(compression?.gaussians).toBe(training?.gaussians);

    const cameras = await download(jobId, 'cameras.json');
    const truth = path.join(path.dirname(photos), 'truth.json');
    const { stdout } = await run(checkout.python, [path.join(__dirname, 'position_error.py'), cameras, truth]);
    const positions = JSON.parse(stdout) as { photos: number; share: number };
    expect(positions.photos).toBe(sfm?.registered);
    expect(positions.share).toBeLessThan(0.01);

    const decoded = path.join(folder, 'decoded.ply');
    await run(process.execPath, [
      checkout.splatTransform,
      '-w',
      '-g',
      'cpu',
      await download(jobId, 'scene.sog'),
      decoded,
    ]);
    const header = (await readFile(decoded)).subarray(0, 200).toString('latin1');
    expect(header).toContain(`element vertex ${training?.gaussians}\n`);

    // Lengths of the village as the page tells them: most within the ±, which is larger than of a scene that was trained
    // for longer (docs/measuring.md).
    await download(jobId, 'scene.json');
    const renderer = path.join(checkout.root, 'local/synthetic-photos');
    const sog = path.join(folder, 'scene.sog');
    await run(checkout.python, [path.join(__dirname, 'houses_and_pixels.py'), renderer, sog, folder]);
    const { within, between } = knownLengths(await readVillage(folder));
    const long = between.filter(({ trueM }) => trueM > 30);
    expect(Math.min(within.length, long.length)).toBeGreaterThan(2);
    const share = (all: readonly KnownLength[], holds: (length: KnownLength, sigma: number) => boolean): number =>
      all.filter((each) => holds(each, each.level.sigma ?? NaN)).length / all.length;
    expect(
      share([...within, ...long], ({ trueM, level }, sigma) => Math.abs(level.amount - trueM) <= sigma),
    ).toBeGreaterThan(0.5);
    expect(share(long, ({ trueM }, sigma) => sigma < 0.05 * trueM)).toBeGreaterThan(0.5);

    const mail = await waitFor('the mail', async () => {
      const listed = (await (await fetch(`${stack.endpoints.mail}/messages`)).json()) as {
        id: string;
        to: string[] | string;
        subject: string;
      }[];
      return listed.find(({ subject }) => subject.includes('is ready'));
    });
    expect(JSON.stringify(mail.to)).toContain('pilot@example.com');
    const html = await (await fetch(`${stack.endpoints.mail}/messages/${mail.id}/html`)).text();
    expect(html).toContain(view.pageUrl);

    if (browser === null) return;
    const opening = JSON.parse(await readFile(await download(jobId, 'scene.json'), 'utf8')) as Opening;
    const picture = path.join(folder, 'scene.png');
    const chrome = await chromium.launch({ executablePath: browser, args: WEBGL_FLAGS });
    try {
      const page = await chrome.newPage();
      const problems: string[] = [];
      page.on('console', (said) => void (said.type() === 'error' && problems.push(said.text())));
      page.on('pageerror', (error) => void problems.push(error.message));
      await page.goto(`${view.pageUrl}/scene`);
      await isDrawn(page);
      await savePicture(page, picture);
      const shown = await compareWithDrawing(decoded, await shownFirst(page, opening), picture);
      expect(problems).toEqual([]);
      expect(shown.covered).toBeGreaterThan(0.2);
      expect(shown.psnr).toBeGreaterThan(MIN_VIEWER_PSNR_DB);
    } finally {
      await chrome.close();
    }
  },
  8 * MINUTES,
);

test(
  'photos of a blank wall end with the true cause, advice and exit status 2, and no training job',
  async () => {
    const wall = path.join(folder, 'wall');
    await run(checkout.python, [
      path.join(checkout.root, 'local/synthetic-photos/render.py'),
      wall,
      '--scene',
      'blank',
      '--photos',
      '8',
      '--truth',
      path.join(folder, 'wall.json'),
    ]);
    // Beside a stack of the person who runs the tests: in a folder and on ports of its own.
    const ownFolder = path.join(folder, 'demo');
    await mkdir(path.join(ownFolder, 'state'), { recursive: true });
    await writeFile(path.join(ownFolder, 'state/ports.json'), JSON.stringify(ANY_PORTS));
    const env = { ...process.env, SPACEPORT_FOLDER: ownFolder };
    const args = [checkout.entryPoint('cli/main'), 'demo', '--photos', wall, '--exit', '--json'];
    const ended = (await run(process.execPath, args, { env }).catch((error: unknown) => error)) as {
      code: number;
      stdout: string;
    };
    expect(ended.code).toBe(2);
    expect(ended.stdout.trim().split('\n')).toHaveLength(1);
    const summary = JSON.parse(ended.stdout) as {
      state: string;
      jobId: string;
      failure: { code: string; advice: string };
      stages: { stage: string }[];
      mail: { subject: string };
    };
    expect(summary).toMatchObject({ state: 'failed', failure: { code: 'TOO_FEW_POINTS' } });
    expect(summary.failure.advice).toContain('plain wall');
    expect(summary.stages.map(({ stage }) => stage)).toEqual(['sfm']);
    expect(summary.mail.subject).not.toBe('');
  },
  4 * MINUTES,
);
