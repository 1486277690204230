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

describe('deletions with conditions', () => {
  const Key = 'conditional/photo';
  const object = { Bucket: BUCKET, Key };
  let current: { ETag: string; LastModified: Date };

  beforeEach(async () => {
    await bucket.put(Key, 'hello');
    const { ETag, LastModified } = await bucket.send(new HeadObjectCommand(object));
    current = { ETag: ETag!, LastModified: LastModified! };
  });

  const PAST = new Date('2001-01-01T00:00:00Z');

  test.each([
    ['another ETag', { IfMatch: '"00000000000000000000000000000000"' }],
    ['another time', { IfMatchLastModifiedTime: PAST }],
    ['another size', { IfMatchSize: 6 }],
    ['one of two that does not hold', { IfMatch: '*', IfMatchSize: 6 }],
  ])('%s is PreconditionFailed and the object stays', async (_name, condition) => {
    expect(await refusalOf(bucket.send(new DeleteObjectCommand({ ...object, ...condition })))).toEqual({
      name: 'PreconditionFailed',
      status: 412,
    });
    expect(await bucket.exists(Key)).toBe(true);
  });

  test.each([
    ['its ETag', () => ({ IfMatch: current.ETag })],
    ['any ETag', () => ({ IfMatch: '*' })],
    ['its time', () => ({ IfMatchLastModifiedTime: current.LastModified })],
    ['its size', () => ({ IfMatchSize: 5 })],
    ['all three', () => ({ IfMatch: current.ETag, IfMatchLastModifiedTime: current.LastModified, IfMatchSize: 5 })],
  ])('the object is deleted on %s', async (_name, condition) => {
    await bucket.send(new DeleteObjectCommand({ ...object, ...condition() }));

    expect(await bucket.exists(Key)).toBe(false);
  });

  test('an ETag of an object that is not there is NoSuchKey, a size holds', async () => {
    const missing = { Bucket: BUCKET, Key: 'conditional/never-was' };

    expect(await refusalOf(bucket.send(new DeleteObjectCommand({ ...missing, IfMatch: '*' })))).toEqual({
      name: 'NoSuchKey',
      status: 404,
    });
    await bucket.send(new DeleteObjectCommand({ ...missing, IfMatchSize: 5 }));
  });

  test('in bulk each object is deleted or refused by its own conditions', async () => {
    const others = ['time', 'size', 'good'].map((name) => `conditional/${name}`);
    for (const key of others) await bucket.put(key, 'hello');
    const Objects = [
      { Key, ETag: '"0"' },
      { Key: others[0]!, LastModifiedTime: PAST },
      { Key: others[1]!, Size: 6 },
      { Key: others[2]!, ETag: current.ETag, Size: 5 },
      { Key: 'conditional/never-was', ETag: current.ETag },
    ];

    const { Deleted, Errors } = await bucket.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }));

    expect(Deleted!.map((deleted) => deleted.Key)).toEqual(['conditional/good']);
    expect(Errors!.map((error) => [error.Key, error.Code])).toEqual([
      [Key, 'PreconditionFailed'],
      ['conditional/time', 'PreconditionFailed'],
      ['conditional/size', 'PreconditionFailed'],
      ['conditional/never-was', 'NoSuchKey'],
    ]);
    expect(await bucket.keysBelow('conditional/')).toEqual([Key, 'conditional/size', 'conditional/time']);
  });

  test('a version that is asked for is refused, since nothing has versions', async () => {
    const Objects = [{ Key, VersionId: 'L4kqtJlcpXroDTDmpUMLUo' }];

    const { Errors } = await bucket.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }));

    expect(Errors).toMatchObject([{ Key, Code: 'NoSuchVersion' }]);
    expect(await bucket.exists(Key)).toBe(true);
  });

  test.each([
    ['x-amz-if-match-size', 'five'],
    ['x-amz-if-match-last-modified-time', 'yesterday'],
  ])('%s: %s is InvalidArgument, not ignored', async (name, value) => {
    const command = new DeleteObjectCommand(object);
    command.middlewareStack.add(
      (next) => (args) => {
        (args.request as { headers: Record<string, string> }).headers[name] = value;
        return next(args);
      },
      { step: 'build' },
    );

    expect(await refusalOf(bucket.send(command))).toEqual({ name: 'InvalidArgument', status: 400 });
    expect(await bucket.exists(Key)).toBe(true);
  });
});
