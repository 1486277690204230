import { createUserOf } from '../../../server/uploads/removal';
import { jobRecord, MemoryRuns, MemoryStore, openRun, request } from '../helpers';

const FOLDER = 'uploads/local/0123456789abcdef0123456789abcdef/';

/** Whether a job with this run and these photos keeps the upload. */
async function isKept(run: Parameters<typeof openRun>[0], key: string, bucket = 'spaceport'): Promise<string | null> {
  const [runs, records] = [new MemoryRuns(), new MemoryStore()];
  const record = jobRecord({ request: { ...request, location: { bucket, key } } });
  records.records.set(record.jobId, record);
  runs.runs.set(record.jobId, openRun(run));
  return createUserOf({ runs, records, bucket: 'spaceport' })('local', FOLDER);
}

test.each(['queued', 'running', 'waiting', 'parked', 'cancelling'] as const)(
  'a job that is %s and has its photos there keeps an upload',
  async (state) => {
    expect(await isKept({ state }, `${FOLDER}photos/`)).toBe('job123456');
    expect(await isKept({ state }, FOLDER)).toBe('job123456');
  },
);

test('an ended job does not, nor one with other photos', async () => {
  expect(await isKept({ state: 'failed', status: 'FAILED' }, `${FOLDER}photos/`)).toBeNull();
  expect(await isKept({ state: 'running', status: 'TERMINATED' }, `${FOLDER}photos/`)).toBeNull();
  expect(await isKept({ state: 'running' }, FOLDER.replace('0', 'f'))).toBeNull();
  expect(await isKept({ state: 'running' }, `${FOLDER}photos/`, 'photos')).toBeNull();
});

test('where it cannot be known, nothing is removed', async () => {
  const runs = new MemoryRuns();
  runs.away = true;
  const userOf = createUserOf({ runs, records: new MemoryStore(), bucket: 'spaceport' });
  await expect(userOf('local', FOLDER)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
