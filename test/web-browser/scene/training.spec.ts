import type { JobRecord } from '../../../contracts/job/record';
import { layout } from '../../../contracts/storage/layout';
import { testAttempt } from '../../helpers/records';
import { isDrawn } from '../../helpers/scene-page';
import { accessibilityProblems, expect } from '../fixtures';
import { heartbeat, putJob } from '../jobs';
import { look } from '../pictures';
import { colours, places, SCENE, test, TIMEOUT_MS } from './site';

test.describe.configure({ timeout: TIMEOUT_MS });

const JOB = 'train12345';
const POSTER = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"><path fill="#6a8" d="M0 0h4v3H0z"/></svg>';
const SFM = { photos: 20, registered: 20, points: 9000, reprojectionErrorPx: 0.6, georeferenced: true };
const TRAINED: Partial<JobRecord> = {
  state: 'running',
  step: 'training',
  attempts: [
    testAttempt({ stage: 'sfm', jobName: 'dev-sfm', status: 'Completed' }),
    testAttempt({ status: 'Running' }),
  ],
  accepted: [{ stage: 'sfm', part: null, attempt: 1, jobName: 'dev-sfm', metrics: SFM }] as unknown as [],
};

test('a scene is looked around in while it is trained, and a newer one is seen from the same place', async ({
  page,
  site,
  scene,
}) => {
  site.files.set('picture.jpg', { type: 'image/svg+xml', body: Buffer.from(POSTER) });
  site.files.set('scene.json', { type: 'application/json', body: Buffer.from(JSON.stringify(SCENE)) });
  const [picture, sog] = (['picture.jpg', 'scene.sog'] as const).map((file) => layout.preview(JOB, 1, file));
  const trained = (done: number): void =>
    putJob(site, JOB, TRAINED, { heartbeats: [heartbeat(JOB, 'training', { phase: 'train', done, total: 1000 })] });
  const written = (version: string, body: Buffer): void => {
    site.files.set('scene.sog', { type: 'application/octet-stream', body });
    site.store.shown.set(sog!, version);
  };
  site.store.shown.set(picture!, '"1"');
  trained(50);
  await page.goto(`${site.url}/jobs/${JOB}`);
  await expect(page.getByText('The scene as it is being trained')).toBeVisible();
  const inside = page.getByRole('button', { name: 'Look around in it' });
  await expect(inside).toHaveCount(0);

  written('"1"', scene.whole.get('scene.sog')!);
  trained(150);
  await inside.click();
  await isDrawn(page);
  const roof = async (): Promise<string[]> => colours(page, await places(page, [[-1.2, -3, -0.6]]));
  await expect.poll(roof).toEqual(['red']);
  expect(await accessibilityProblems(page)).toEqual([]);
  await look(page, 'job-training');

  written('"2"', scene.other);
  trained(350);
  await expect.poll(roof).toEqual(['blue']);
  await page.getByRole('button', { name: 'Back to the picture' }).click();
  await expect(page.getByRole('img', { name: 'The scene as it is being trained' })).toBeVisible();
});
