import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findPhotos, uploadPhotos } from '../../cli/photo-upload';
import { SpaceportApi } from '../../cli/spaceport-api';
import type { JobView } from '../../contracts/job/view';
import { findCheckout } from '../../local/stack/checkout';
import { ANY_PORTS } from '../../local/stack/ports';
import { stackS3Client, startStack, type Stack } from '../../local/stack/stack';
import { waitFor } from '../helpers/wait-for';

/** A folder with real sets of photos; only `brighton` is used: 18 photos of a drone that looks straight down, with GPS. */
const { SPACEPORT_DATASETS: DATASETS = '' } = process.env;
const MINUTES = 60_000;
const run = promisify(execFile);
const checkout = findCheckout();
const onRealPhotos = DATASETS === '' ? describe.skip : describe;

onRealPhotos('real photos, where SPACEPORT_DATASETS names a folder with the set brighton', () => {
  let folder: string;
  let stack: Stack;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'spaceport-real-photos-'));
    const stateFolder = path.join(folder, 'state');
    stack = await startStack({ stateFolder, environment: process.env, ports: ANY_PORTS });
  });
  afterAll(async () => {
    await stack?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Takes photos that were derived from the set to the end of a job. */
  async function jobOf(what: 'frozen'): Promise<JobView> {
    const derived = path.join(folder, what);
    const program = path.join(__dirname, 'derive_photos.py');
    await run(checkout.python, [program, path.join(DATASETS, 'brighton'), derived, what]);
    const s3 = stackS3Client(stack.endpoints, stack.credentials);
    const s3Url = await uploadPhotos(s3, stack.bucket, await findPhotos(derived), new AbortController().signal);
    s3.destroy();
    const api = new SpaceportApi(stack.endpoints.server);
    const request = { s3Url, email: 'pilot@example.com', preset: 'preview', retryWindowSeconds: 0 } as const;
    const { jobId } = await api.startJob(request);
    return waitFor(
      'the end of the job',
      async () => {
        const view = await api.job(jobId);
        return ['succeeded', 'failed', 'waiting'].includes(view.state) ? view : null;
      },
      8 * MINUTES,
    );
  }

  const filesOf = ({ result }: JobView): string[] => (result?.files ?? []).map(({ name }) => name);

  test('S02: photos of a receiver that hangs become a scene that is not georeferenced, and says why', async () => {
    const job = await jobOf('frozen');
    expect(job).toMatchObject({ name: 'frozen', state: 'succeeded' });
    const { sfm, compression } = job.stages;
    expect(sfm?.registered).toBe(18);
    expect(sfm?.frame).toMatchObject({ code: 'NOT_GEOREFERENCED', alignedBy: null });
    expect(sfm?.frame?.reason).toBeTruthy();
    // A tenth of the median depth is the unit of a scene without metres.
    expect(sfm?.frame?.cameraDistance).toBeCloseTo(10, 0);
    expect(filesOf(job)).not.toContain('georeference.json');
    expect(compression?.coveredShare).toBeGreaterThan(0.2);
  });
});
