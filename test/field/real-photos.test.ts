import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findPhotos, uploadPhotos, type LocalPhotos } from '../../cli/server/photo-upload';
import { SpaceportApi } from '../../cli/server/spaceport-api';
import { isFinal } from '../../contracts/job/state';
import type { JobView } from '../../contracts/job/view';
import { findCheckout } from '../../local/stack/checkout';
import { ANY_PORTS } from '../../local/stack/ports';
import { stackS3Client, startStack, type Stack } from '../../local/stack/stack';
import { waitFor } from '../helpers/wait-for';

/** A folder with real sets of photos; only `brighton` is used: 18 photos of a drone that looks straight down, with GPS. */
const { SPACEPORT_DATASETS: DATASETS = '' } = process.env;
const MINUTES = 60_000;
const PHOTOS = 18;
/** Enough to see what the photos show; a preview has 1000. */
const FEW_ITERATIONS = { maxIterations: 100 };
const run = promisify(execFile);
const checkout = findCheckout();
const onRealPhotos = DATASETS === '' ? describe.skip : describe;

/** What derive_photos.py makes of the set. */
type Kind = 'frozen' | 'meridian' | 'xmp' | 'turned' | 'masked' | 'mixed';

interface Camera {
  readonly width: number;
  readonly height: number;
  readonly fx: number;
  readonly fy: number;
  readonly position: readonly number[];
}

jest.setTimeout(30 * MINUTES);

onRealPhotos('real photos, where SPACEPORT_DATASETS names a folder with the set brighton', () => {
  let folder: string;
  let stack: Stack;
  let api: SpaceportApi;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'spaceport-real-photos-'));
    const stateFolder = path.join(folder, 'state');
    stack = await startStack({ stateFolder, environment: process.env, ports: ANY_PORTS });
    api = new SpaceportApi(stack.endpoints.server);
  });
  afterAll(async () => {
    await stack?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function derive(kind: Kind): Promise<LocalPhotos> {
    const derived = path.join(folder, kind);
    const program = path.join(__dirname, 'derive_photos.py');
    await run(checkout.python, [program, path.join(DATASETS, 'brighton'), derived, kind]);
    return findPhotos(derived);
  }

  async function start(photos: LocalPhotos): Promise<string> {
    const s3 = stackS3Client(stack.endpoints, stack.credentials);
    const s3Url = await uploadPhotos(s3, stack.bucket, photos, new AbortController().signal);
    s3.destroy();
    const request = { s3Url, email: 'pilot@example.com', preset: 'preview', retryWindowSeconds: 0 } as const;
    const { jobId } = await api.startJob({ ...request, ...{ options: FEW_ITERATIONS } });
    return jobId;
  }

  const viewWith = (jobId: string, what: string, isSeen: (view: JobView) => boolean): Promise<JobView> =>
    waitFor(
      what,
      async () => {
        const view = await api.job(jobId);
        return isSeen(view) ? view : null;
      },
      20 * MINUTES,
    );
  const isOver = ({ state, waiting }: JobView): boolean => isFinal(state) || waiting?.for === 'decision';

  /** Takes photos that were derived from the set to the end of a job. */
  const ended = async (kind: Kind): Promise<JobView> =>
    viewWith(await start(await derive(kind)), 'the end of the job', isOver);

  /** Takes photos until a job shows something, and cancels it. */
  async function seen(photos: LocalPhotos, what: string, isSeen: (view: JobView) => boolean): Promise<JobView> {
    const jobId = await start(photos);
    const view = await viewWith(jobId, what, (job) => isSeen(job) || isOver(job));
    if (!isOver(view)) {
      await api.cancel(jobId);
      await viewWith(jobId, 'the end of the cancelled job', isOver);
    }
    return view;
  }

  const filesOf = ({ result }: JobView): string[] => (result?.files ?? []).map(({ name }) => name);
  async function file({ result }: JobView, name: string): Promise<Response> {
    const response = await fetch(result?.files.find((entry) => entry.name === name)?.url ?? '');
    expect(response.status).toBe(200);
    return response;
  }

  test('I01 I06 I13: intake uses photos behind long metadata, and neither thumbnails nor frames that are cut off', async () => {
    const photos = await derive('mixed');
    expect(photos.leftOut).toBe(PHOTOS); // the thumbnails
    const job = await seen(photos, 'what intake found', ({ photos }) => photos !== null);
    expect(job.photos?.accepted).toBe(PHOTOS + 3);
    expect(job.photos?.rejected).toEqual(
      [1, 3, 5].map((index) => ({ name: `frame${index}.png`, reason: 'the PNG is truncated: its end is missing' })),
    );
  });

  test('S04: positions that stand in XMP only place the scene on the Earth', async () => {
    const { stages, failure } = await seen(
      await derive('xmp'),
      'the end of SfM',
      ({ stages }) => stages.sfm !== undefined,
    );
    expect(failure).toBeNull();
    expect(stages.sfm).toMatchObject({
      registered: PHOTOS,
      georeferenced: true,
      positions: { photos: PHOTOS, places: PHOTOS },
      frame: { code: null, alignedBy: 'position', alignedPhotos: PHOTOS },
    });
  });

  test('S02: photos of a receiver that hangs become a scene that is not georeferenced, and says why', async () => {
    const job = await ended('frozen');
    expect(job).toMatchObject({ name: 'frozen', state: 'succeeded' });
    const { sfm, compression } = job.stages;
    expect(sfm?.registered).toBe(PHOTOS);
    expect(sfm?.frame).toMatchObject({ code: 'NOT_GEOREFERENCED', alignedBy: null });
    expect(sfm?.frame?.reason).toBeTruthy();
    // A tenth of the median depth is the unit of a scene without metres.
    expect(sfm?.frame?.cameraDistance).toBeCloseTo(10, 0);
    expect(filesOf(job)).not.toContain('georeference.json');
    expect(compression?.coveredShare).toBeGreaterThan(0.2);
  });

  test('S06: a flight across the 180th meridian stands upright and lies where it was flown', async () => {
    const job = await ended('meridian');
    expect(job).toMatchObject({ state: 'succeeded', stages: { sfm: { registered: PHOTOS, georeferenced: true } } });
    const { origin } = (await (await file(job, 'georeference.json')).json()) as { origin: { longitude: number } };
    expect(180 - Math.abs(origin.longitude)).toBeLessThan(0.001);
    // A flight of 84 m by 84 m at one height; y points down.
    const cameras = (await (await file(job, 'cameras.json')).json()) as Camera[];
    const extent = [0, 1, 2].map((axis) => {
      const along = cameras.map(({ position }) => position[axis] ?? NaN);
      return Math.max(...along) - Math.min(...along);
    });
    expect(extent.map((metres) => Math.round(metres / 10))).toEqual([8, 0, 8]);
  });

  test('S07: nothing that is hidden under transparent parts of photos is in the poster', async () => {
    const job = await ended('masked');
    expect(job.state).toBe('succeeded');
    const poster = path.join(folder, 'poster.jpg');
    await writeFile(poster, Buffer.from(await (await file(job, 'poster.jpg')).arrayBuffer()));
    const { stdout } = await run(checkout.python, [path.join(__dirname, 'magenta_share.py'), poster]);
    expect(Number(stdout)).toBeLessThan(0.001);
  });

  test('T05: portrait and landscape photos of one flight register together, with the same focal length', async () => {
    const job = await ended('turned');
    expect(job).toMatchObject({
      state: 'succeeded',
      stages: { sfm: { registered: PHOTOS, georeferenced: true, frame: { code: null, groundBelowShare: 1 } } },
    });
    const cameras = (await (await file(job, 'cameras.json')).json()) as Camera[];
    const sizes = new Set(cameras.map(({ width, height }) => `${width}x${height}`));
    expect(sizes).toEqual(new Set(['800x450', '450x800']));
    const focalLengths = cameras.flatMap(({ fx, fy }) => [fx, fy]);
    expect(Math.max(...focalLengths) / Math.min(...focalLengths)).toBeLessThan(1.05);
  });
});
