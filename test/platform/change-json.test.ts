import { changeJson, readJson } from '../../platform/s3-objects';
import { S3Error } from '../../local/s3/s3-error';
import { BUCKET, BucketUnderTest } from '../local/s3/harness';

const bucket = new BucketUnderTest();
const place = { bucket: BUCKET, key: 'count.json' };

/** Somebody else is always the first. */
const CONTESTED = 'contested.json';

beforeAll(() =>
  bucket.start({
    around: async (name, { request }, proceed) => {
      if (name === 'PutObject' && request.key === CONTESTED) throw new S3Error('PreconditionFailed');
      await proceed();
    },
  }),
);
afterAll(() => bucket.remove());

interface Count {
  readonly count: number;
}
const oneMore = (stored: unknown): Count => ({ count: ((stored as Count | null)?.count ?? 0) + 1 });

test('of changes that come at once none is lost, the first one included', async () => {
  const made = await Promise.all(Array.from({ length: 6 }, () => changeJson(bucket.client, place, oneMore)));
  expect(made.map(({ count }) => count).sort()).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a change that gives nothing writes nothing', async () => {
  const other = { ...place, key: 'none.json' };
  expect(await changeJson(bucket.client, other, () => null)).toBeNull();
  expect(await readJson(bucket.client, other)).toBeNull();
});

test('an object that others change all the time is given up in words', async () => {
  await expect(changeJson(bucket.client, { ...place, key: CONTESTED }, oneMore)).rejects.toThrow(
    'contested.json changes all the time',
  );
});
