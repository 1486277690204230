/** Listings of version 2, with the AWS SDK. */
import { ListObjectsV2Command, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { BUCKET, BucketUnderTest, refusalOf } from '../harness';

const bucket = new BucketUnderTest();

beforeAll(() => bucket.start());
afterAll(() => bucket.remove());

describe('listing', () => {
  beforeAll(async () => {
    for (const key of ['list/a.jpg', 'list/b/1', 'list/b/2', 'list/b/3', 'list/c/1', 'list/d.jpg', 'listed'])
      await bucket.put(key);
  });

  test('a prefix is a prefix of the key, not a folder', async () => {
    expect(await bucket.keysBelow('list')).toEqual([
      'list/a.jpg',
      'list/b/1',
      'list/b/2',
      'list/b/3',
      'list/c/1',
      'list/d.jpg',
      'listed',
    ]);
    expect(await bucket.keysBelow('list/b')).toEqual(['list/b/1', 'list/b/2', 'list/b/3']);
  });

  test('a delimiter rolls folders up', async () => {
    const answer = await bucket.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'list/', Delimiter: '/' }));

    expect(answer.Contents!.map(({ Key }) => Key)).toEqual(['list/a.jpg', 'list/d.jpg']);
    expect(answer.CommonPrefixes!.map(({ Prefix }) => Prefix)).toEqual(['list/b/', 'list/c/']);
    expect(answer.KeyCount).toBe(4);
  });

  test('pages of one go through keys and folders once each', async () => {
    const seen: string[] = [];
    for await (const page of paginateListObjectsV2(
      { client: bucket.client, pageSize: 1 },
      { Bucket: BUCKET, Prefix: 'list/', Delimiter: '/' },
    )) {
      expect(page.KeyCount).toBe(1);
      seen.push(
        ...(page.Contents ?? []).map(({ Key }) => Key!),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!),
      );
    }

    expect(seen).toEqual(['list/a.jpg', 'list/b/', 'list/c/', 'list/d.jpg']);
  });

  test('start-after leaves out what is at or before it', async () => {
    const { Contents = [] } = await bucket.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'list/', StartAfter: 'list/b/2' }),
    );

    expect(Contents.map(({ Key }) => Key)).toEqual(['list/b/3', 'list/c/1', 'list/d.jpg']);
  });

  test('an empty continuation token begins at the beginning', async () => {
    const answer = await bucket.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'list/', ContinuationToken: '' }),
    );

    expect([answer.KeyCount, answer.ContinuationToken]).toEqual([6, '']);
  });

  test('the owner is told where a client asks for it', async () => {
    const ownersOf = async (FetchOwner?: boolean): Promise<unknown[]> => {
      const list = new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'list/a', FetchOwner });
      return (await bucket.send(list)).Contents!.map(({ Owner }) => Owner?.ID);
    };

    expect(await ownersOf(true)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect([await ownersOf(false), await ownersOf()]).toEqual([[undefined], [undefined]]);
  });

  test('a made-up continuation token is refused', async () => {
    expect(
      await refusalOf(bucket.send(new ListObjectsV2Command({ Bucket: BUCKET, ContinuationToken: 'made-up' }))),
    ).toEqual({ name: 'InvalidArgument', status: 400 });
  });

  test('a listing tells size, ETag and time', async () => {
    await bucket.put('list-facts/one', 'hello');
    const { Contents } = await bucket.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'list-facts/' }));

    expect(Contents![0]).toMatchObject({
      Size: 5,
      ETag: '"5d41402abc4b2a76b9719d911017c592"',
      StorageClass: 'STANDARD',
    });
    expect(Math.abs(Contents![0]!.LastModified!.getTime() - Date.now())).toBeLessThan(60_000);
  });
});
