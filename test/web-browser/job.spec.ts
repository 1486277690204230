import { FAILURES, failure, type FailureCode } from '../../contracts/job/failures';
import { FILES_STAY, parkedWords, undecidedWords } from '../../contracts/job/words';
import type { JobRecord } from '../../contracts/job/record';
import { tombstone } from '../../contracts/storage/retention';
import { testPhotos } from '../helpers/records';
import { jobRecord, request } from '../server/helpers';
import { accessibilityProblems, expect, test } from './fixtures';
import { heartbeat, PARKED, putJob, SUCCEEDED } from './jobs';
import { look } from './pictures';

const JOB = 'tower1234';
const HOSTILE = `"><script>alert('1')</script>&`;
const AT_MS = Date.UTC(2026, 10, 21, 10, 0, 0);
const POSTER = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"><path fill="#6a8" d="M0 0h4v3H0z"/></svg>';

const training = (done: number, psnr: number) => ({
  heartbeats: [heartbeat(JOB, 'training', { phase: 'train', done, total: 7000, metrics: { psnr } })],
});

test('a job is followed from its photos to its scene, and nothing is loaded again', async ({ page, site }) => {
  site.files.set('poster.avif', { type: 'image/svg+xml', body: Buffer.from(POSTER) });
  const name = 'Water tower';
  putJob(site, JOB, { name, state: 'running', step: 'sfm', photos: testPhotos({ accepted: 48 }) });
  await page.goto(`${site.url}/jobs/${JOB}`);
  await page.evaluate('window.isTheSamePage = true');
  const now = page.locator('.timeline [aria-current=step]');
  await expect(now).toContainText('Camera reconstruction');
  await expect(page).toHaveTitle('Water tower · Spaceport');
  const matching = { phase: 'matching', done: 120, total: 306 };
  putJob(site, JOB, { name, state: 'running', step: 'sfm' }, { heartbeats: [heartbeat(JOB, 'sfm', matching)] });
  await expect(now).toContainText('Comparing photos in pairs · 120 of 306');
  await expect(now.getByRole('progressbar')).toHaveAttribute('value', /^0\.53/);
  for (const [done, psnr] of [
    [700, 16.1],
    [2100, 21.4],
    [3500, 23.9],
  ] as const) {
    putJob(site, JOB, { name, state: 'running', step: 'training' }, training(done, psnr));
    await expect(now).toContainText(`${done.toLocaleString('en')} of 7,000 · PSNR ${psnr.toFixed(1)} dB`);
  }
  await expect(page.locator('.curve canvas')).toBeVisible();
  const drawn = (): Promise<string> =>
    page.locator('.curve canvas').evaluate<string, { toDataURL(): string }>((canvas) => canvas.toDataURL());
  const light = await drawn();
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(drawn).not.toBe(light);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.getByText('As a table').click();
  await expect(page.locator('.curve tbody tr')).toHaveText(['70016.10', '2,10021.40', '3,50023.90']);
  await expect(page.getByText('The scene appears here')).toBeVisible();
  expect(await accessibilityProblems(page)).toEqual([]);
  await look(page, 'job-running');

  putJob(site, JOB, { name, ...SUCCEEDED, endedAtMs: Date.now() });
  await expect(page.getByRole('link', { name: 'Open the scene' })).toHaveAttribute('href', `/jobs/${JOB}/scene`);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Done');
  await expect(page.getByText('46 of 48', { exact: true })).toBeVisible();
  await expect(page.getByText(/^4\.82 MB, 16\.5 times smaller/)).toBeVisible();
  await expect(page.getByRole('link', { name: 'scene.sog' })).toHaveAttribute(
    'href',
    `${site.url}/v1/jobs/${JOB}/artifacts/scene.sog`,
  );
  expect(await page.evaluate('window.isTheSamePage')).toBe(true);
  // What the record keeps, which this page has not seen come.
  await expect(page.locator('.curve tbody tr')).toHaveCount(21);
  expect(await accessibilityProblems(page)).toEqual([]);
  await look(page, 'job-done');
});

test('what a person tells a job reaches it, with what they answered, and what it says is shown', async ({
  page,
  site,
  problems,
}) => {
  const messages = () => site.runs.messages.map(({ name, payload }) => [name, payload]);
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  putJob(site, JOB, { state: 'running', step: 'sfm' });
  // By the page that starts jobs, as most come: what it has loaded is not loaded again.
  await page.goto(`${site.url}/new`);
  await page.getByRole('radio').first().waitFor();
  await page.getByRole('link', { name: 'Jobs', exact: true }).click();
  await page.locator(`a[href="/jobs/${JOB}"]`).first().click();
  await button('Cancel the job').click();
  await expect(page.getByRole('dialog')).toContainText('Stop this job and its machine?');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(messages()).toEqual([]);
  await button('Cancel the job').click();
  await page.getByRole('dialog').getByRole('textbox').fill('wrong field');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await expect.poll(messages).toEqual([['cancel', { reason: 'wrong field', by: 'the job page' }]]);
  await expect(page.getByRole('dialog')).toHaveCount(0);

  site.runs.answer = { kind: 'rejected', message: 'the job is at its last step' };
  await button('Pause after this step').click();
  await expect(page.locator('.said')).toHaveText('The job is at its last step.');
  site.runs.answer = { kind: 'delivered' };
  putJob(site, JOB, { state: 'running', step: 'sfm', pauseRequested: true });
  await button('Do not pause').click();
  await expect(page.locator('.said')).toContainText('no worker answers');
  site.runs.answer = { kind: 'accepted', state: null };
  const until = { message: 'only 42 of 100 photos fit together', sinceMs: AT_MS, untilMs: AT_MS };
  putJob(site, JOB, { state: 'waiting', step: 'sfm', waiting: { for: 'decision', ...until } });
  await button('Accept').click();
  await expect.poll(() => messages().at(-1)).toEqual(['accept', { by: 'the job page' }]);

  putJob(site, JOB, {
    state: 'parked',
    step: 'training',
    accepted: SUCCEEDED.accepted!.slice(0, 1),
    request: { ...request, name: JOB, budgetUsd: 1.5 },
    failure: failure('BUDGET_EXCEEDED', 'the budget of 1.5 USD would be passed'),
  });
  await button('Retry…').click();
  await page.getByLabel('Budget in US dollars').fill('4.25');
  await page.getByLabel('Continue from').selectOption({ label: 'Training the 3D model' });
  await page.getByText('Other options').click();
  await page.locator('input[name=maxIterations]').fill('9000');
  expect(await accessibilityProblems(page)).toEqual([]);
  await look(page, 'job-retry');
  await button('Retry').click();
  await expect
    .poll(() => messages().at(-1))
    .toEqual(['retry', { fromStage: 'training', options: { maxIterations: 9000 }, budgetUsd: 4.25 }]);

  await button('Rename…').click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Tower, second flight');
  await page.keyboard.press('Enter');
  await expect.poll(() => messages().at(-1)).toMatchObject(['change', { name: 'Tower, second flight' }]);
  putJob(site, JOB, { ...SUCCEEDED, result: null, endedAtMs: Date.now() });
  await button('Make other files…').click();
  await page.locator('select[name=orthophoto]').selectOption({ label: 'yes' });
  await page.locator('input[name=epsg]').fill('25832');
  expect(await accessibilityProblems(page)).toEqual([]);
  await look(page, 'job-other-files');
  await button('Make them').click();
  await expect.poll(() => site.runs.started.at(-1)?.request.options).toMatchObject({ orthophoto: 1, epsg: 25832 });
  expect(site.runs.started.at(-1)?.accepted.map(({ stage }) => stage)).toEqual(['sfm', 'training']);
  // The list that follows shows the job until it is gone, with the poster of one that has succeeded.
  site.files.set('poster.avif', { type: 'image/svg+xml', body: Buffer.from(POSTER) });
  putJob(site, JOB, { ...SUCCEEDED, endedAtMs: Date.now() });
  await button('Delete…').click();
  await expect(page.getByRole('dialog')).toContainText('Nobody can bring it back');
  await button('Delete').click();
  await expect.poll(() => site.runs.erased).toEqual([JOB]);
  await expect(page).toHaveURL(`${site.url}/`);
  expect(problems.splice(0)).toEqual([expect.stringContaining('409')]); // the pause that was refused
});

test('a mail that came back, and a webhook that was refused, stand on the page of their job', async ({
  page,
  site,
}) => {
  putJob(site, JOB, PARKED);
  const told = { eventId: 'e1', event: 'job.parked', at: new Date(AT_MS).toISOString() } as const;
  site.store.delivered.set(JOB, [
    { ...told, channel: 'mail', status: 'returned', detail: 'the mailbox is unknown' },
    { ...told, channel: 'webhook', status: 'rejected', detail: 'the receiver answered 410' },
  ]);
  await page.goto(`${site.url}/jobs/${JOB}`);
  await expect(page.locator('.notice.bad')).toContainText([
    'The mail to the submitter was taken by its mail server and came back: the mailbox is unknown',
    'The webhook of this job was refused: the receiver answered 410',
  ]);
  await look(page, 'job-mail-returned');
});

test('what another tenant has, and what nobody has, is not found; what was erased says so', async ({
  page,
  site,
  problems,
}) => {
  putJob(site, 'other1234', { request: { ...request, tenant: 'acme' } });
  site.job(tombstone(jobRecord({ jobId: 'erased123' }), Date.now()), null);
  for (const [jobId, title] of [
    ['other1234', 'There is no such job'],
    ['unknown123', 'There is no such job'],
    ['erased123', 'The job was erased'],
  ] as const) {
    await page.goto(`${site.url}/jobs/${jobId}`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
  }
  expect(problems.splice(0)).toHaveLength(3); // the browser's own word of each refusal
});

/** A state of a job, and what its page says and offers then. */
interface Said {
  readonly what: string;
  readonly record: Partial<JobRecord>;
  readonly says: readonly (string | RegExp)[];
  readonly buttons: readonly string[];
}

const waiting = (what: 'start' | 'capacity' | 'decision' | 'resume', message: string): Partial<JobRecord> => ({
  state: 'waiting',
  step: 'training',
  waiting: { for: what, message, sinceMs: AT_MS, untilMs: AT_MS },
});
const parkedBy = (code: FailureCode): Partial<JobRecord> => ({
  state: 'parked',
  step: 'sfm',
  failure: failure(code, HOSTILE),
  parkedUntilMs: AT_MS,
});

const SAID: readonly Said[] = [
  { what: 'in line', record: {}, says: ['In line'], buttons: ['Pause', 'Cancel the job'] },
  {
    what: 'parked, with photos that did not fit',
    record: { ...PARKED, ...{ request: { ...request, budgetUsd: 5, maxHours: 2.5 } }, parkedUntilMs: AT_MS },
    says: [
      'Too few of the photos fit together',
      'the job stopped at “Camera reconstruction”: only 8 of 16 photos fit together.',
      'Add photos between the parts.',
      'the budget is $5.00 and 2 hr 30 min of machines',
      parkedWords(AT_MS),
      '8 of 16 photos fitted together. Another part, which nothing connects with them, has 7',
      '8 photos did not fit',
      '(4,213 features, matches 3 photos)',
      'and 6 more',
    ],
    buttons: ['Retry…', 'Give up'],
  },
  {
    what: 'failed, with hostile words',
    record: { ...parkedBy('TOO_FEW_PHOTOS'), notice: HOSTILE },
    says: [HOSTILE, FAILURES.TOO_FEW_PHOTOS.advice],
    buttons: ['Retry…', 'Give up'],
  },
  {
    what: 'without a machine',
    record: waiting('capacity', 'no ml.g4dn.xlarge in us-west-2'),
    says: [
      'Waiting for a machine',
      'waiting costs nothing',
      'If there is none until',
      'no ml.g4dn.xlarge in us-west-2',
    ],
    buttons: ['Pause after this step', 'Cancel the job'],
  },
  {
    what: 'undecided',
    record: waiting('decision', 'only 42 of 100 photos fit together'),
    says: ['Your decision is needed', 'Only 42 of 100 photos fit together.', undecidedWords(AT_MS)],
    buttons: ['Accept', 'Stop'],
  },
  {
    what: 'paused',
    record: { ...waiting('resume', 'paused before training'), pauseRequested: true },
    says: ['Paused before training. No machine runs and nothing is spent.'],
    buttons: ['Resume', 'Cancel the job'],
  },
  {
    what: 'about to pause',
    record: { state: 'running', step: 'sfm', pauseRequested: true },
    says: ['The step that runs now is finished first'],
    buttons: ['Do not pause', 'Cancel the job'],
  },
  { what: 'being stopped', record: { state: 'cancelling' }, says: ['The machine was told to stop'], buttons: [] },
  {
    what: 'cancelled',
    record: { state: 'cancelled', cancelled: { reason: 'wrong field', by: 'Ada', atMs: AT_MS } },
    says: [/By Ada, .*2026.*\. Reason: wrong field/],
    buttons: ['Retry…'],
  },
  {
    what: 'cancelled while it made other files',
    record: { ...SUCCEEDED, state: 'cancelled', result: { files: [{ name: 'scene.sog', bytes: 7 }] } },
    says: ['Its machines are off', FILES_STAY, 'Open the scene', 'scene.sog'],
    buttons: ['Retry…'],
  },
  {
    what: 'failed, with files that are gone',
    record: {
      state: 'failed',
      failure: failure('PLATFORM_ERROR', 'it broke'),
      expiredAtMs: { intermediates: AT_MS, results: AT_MS },
    },
    says: [/The scene and its files were deleted .*2026/],
    buttons: ['Do it all again…'],
  },
];

test('each state is explained, with what can be done about it', async ({ page, site }) => {
  await page.goto(site.url);
  for (const [index, { what, record, says, buttons }] of SAID.entries()) {
    await test.step(what, async () => {
      const jobId = `state${String(index).padStart(5, '0')}`;
      const ended = ['cancelled', 'failed'].includes(record.state ?? '');
      putJob(site, jobId, { ...record, ...(ended && { endedAtMs: Date.now() }) });
      await page.goto(`${site.url}/jobs/${jobId}`);
      for (const words of says) await expect(page.locator('main')).toContainText(words);
      const offered = page.locator('.job-actions .actions button:not(.plain)');
      await expect(offered).toHaveText([...buttons]);
      expect(await page.locator('main script').count()).toBe(0);
      if (index === 1) {
        expect(await accessibilityProblems(page)).toEqual([]);
        await look(page, 'job-parked');
      }
    });
  }
});
