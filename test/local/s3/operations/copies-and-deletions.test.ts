/** Copies and deletions, with the AWS SDK. */
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { BUCKET, BucketUnderTest, refusalOf } from '../harness';

const bucket = new BucketUnderTest();

beforeAll(() => bucket.start());
afterAll(() => bucket.remove());

describe('copying and deleting', () => {
  test('a copy keeps bytes and metadata, and outlives its source', async () => {
    await bucket.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: 'copy/source',
        Body: 'original',
        ContentType: 'text/plain',
        Metadata: { a: '1' },
      }),
    );
    await bucket.send(
      new CopyObjectCommand({ Bucket: BUCKET, Key: 'copy/target', CopySource: `/${BUCKET}/copy/source` }),
    );
    await bucket.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'copy/source' }));

    const answer = await bucket.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'copy/target' }));

    expect(await answer.Body!.transformToString()).toBe('original');
    expect(answer).toMatchObject({ ContentType: 'text/plain', Metadata: { a: '1' } });
  });

  test('a copy onto itself needs new metadata, which it then has', async () => {
    await bucket.put('copy/self', 'same');
    const onto = { Bucket: BUCKET, Key: 'copy/self', CopySource: `${BUCKET}/copy/self` };

    expect(await refusalOf(bucket.send(new CopyObjectCommand(onto)))).toMatchObject({ name: 'InvalidRequest' });
    await bucket.send(new CopyObjectCommand({ ...onto, MetadataDirective: 'REPLACE', ContentType: 'image/png' }));

    expect((await bucket.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'copy/self' }))).ContentType).toBe(
      'image/png',
    );
    expect((await bucket.bytesOf('copy/self')).toString()).toBe('same');
  });

  test('deleting is idempotent, alone and in bulk', async () => {
    await bucket.put('delete/a');
    await bucket.put('delete/b');
    const bulk = new DeleteObjectsCommand({
      Bucket: BUCKET,
      Delete: { Objects: [{ Key: 'delete/a' }, { Key: 'delete/never-was' }] },
    });

    expect((await bucket.send(bulk)).Deleted!.map(({ Key }) => Key)).toEqual(['delete/a', 'delete/never-was']);
    await bucket.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'delete/b' }));
    await bucket.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'delete/b' }));

    expect(await bucket.keysBelow('delete/')).toEqual([]);
  });
});
