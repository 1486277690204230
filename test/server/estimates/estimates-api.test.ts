import request from 'supertest';
import type { Estimate } from '../../../contracts/estimates/estimate';
import { ESTIMATE } from '../../../contracts/estimates/estimate-schema';
import { createMachineLedger } from './machine-ledger';
import { testApp } from '../helpers';

const post = (app: ReturnType<typeof testApp>['app'], body: object) => request(app).post('/v1/estimates').send(body);
const estimated = async (app: ReturnType<typeof testApp>['app'], body: object): Promise<Estimate> =>
  ESTIMATE.parse((await post(app, body).expect(200)).body);

test('a number of photos is enough', async () => {
  const { app } = testApp();
  const made = await estimated(app, { photos: 120, preset: 'survey', options: { maxIterations: 500 } });
  expect(made).toMatchObject({ photos: { low: 120, high: 120 }, preset: 'survey', basis: 'model' });
  expect(made.stages.map(({ stage, instanceType }) => [stage, instanceType])).toEqual([
    ['sfm', 'ml.c6i.2xlarge'],
    ['training', 'ml.g4dn.xlarge'],
    ['compression', 'ml.c6i.4xlarge'],
  ]);
});

test('the photos at a place are counted, and its address is read as that of a start', async () => {
  const counted: unknown[] = [];
  const { app } = testApp({
    countPhotos: async (location) => {
      counted.push(location);
      return location.key === 'empty/' ? null : { low: 40, high: 60 };
    },
  });
  const made = await estimated(app, { s3Url: 's3://photos/flight/' });
  expect(made).toMatchObject({ photos: { low: 40, high: 60 }, preset: 'standard' });
  expect(counted).toEqual([{ bucket: 'photos', key: 'flight/' }]);
  const none = await post(app, { s3Url: 's3://photos/empty/' }).expect(400);
  expect(none.body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ field: 's3Url' }] });
  expect((await post(app, { s3Url: 'photos' }).expect(400)).body).toMatchObject({ code: 'INVALID_S3_URL' });
  expect((await post(app, { s3Url: 's3://elsewhere/x/' }).expect(403)).body).toMatchObject({
    code: 'BUCKET_NOT_ALLOWED',
  });
  for (const key of ['jobs/x/', 'uploads/acme/x/', 'registry/', ''])
    expect((await post(app, { s3Url: `s3://spaceport/${key}` }).expect(403)).body).toMatchObject({
      code: 'INPUT_FORBIDDEN',
    });
  expect(counted).toHaveLength(2);
});

test('an upload is known by its manifest, before anything of it has arrived', async () => {
  const { app } = testApp();
  const files = [
    ...Array.from({ length: 30 }, (_, index) => ({ name: `DJI_${index}.JPG`, bytes: 8_000_000 })),
    { name: 'geo.txt', bytes: 100 },
  ];
  const { body } = await request(app).post('/v1/uploads').send({ files }).expect(201);
  const { uploadId } = body as { uploadId: string };
  expect(await estimated(app, { uploadId, preset: 'preview' })).toMatchObject({ photos: { low: 30, high: 30 } });
  expect((await post(app, { uploadId: '0'.repeat(32) }).expect(404)).body).toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
});

test.each([
  ['nothing', {}, 'photos'],
  ['two inputs', { photos: 5, s3Url: 's3://photos/x/' }, 'photos'],
  ['no photo', { photos: 0 }, 'photos'],
  ['more photos than the preset takes', { photos: 301, preset: 'preview' }, 'photos'],
  ['an unknown option', { photos: 5, options: { speed: 3 } }, 'options.speed'],
  ['an unknown field', { photos: 5, email: 'pilot@example.com' }, 'email'],
  ['photos of no size', { photos: 5, megapixels: 0 }, 'megapixels'],
])('%s is refused', async (_, body, field) => {
  const { app } = testApp();
  expect((await post(app, body).expect(400)).body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ field }] });
});

test("a tenant's own ledger comes first; with fewer than ten attempts that of the deployment, then the model", async () => {
  const ledger = createMachineLedger();
  const { app } = testApp({ storage: { ...testApp().storage, usage: ledger.usage } });
  expect((await estimated(app, { photos: 100 })).basis).toBe('model');

  const later = testApp({ storage: { ...testApp().storage, usage: ledger.usage } }).app;
  ledger.add('acme', 10, 100);
  const ofAll = await estimated(later, { photos: 100 });
  expect(ofAll.stages[0]).toMatchObject({ basis: 'ledger', attempts: 10 });
  expect(ofAll.stages[0]?.seconds.low).toBeCloseTo(100, 6);

  const last = testApp({ storage: { ...testApp().storage, usage: ledger.usage } }).app;
  ledger.add('local', 12, 300);
  const own = await estimated(last, { photos: 100 });
  expect(own.stages[0]).toMatchObject({ basis: 'ledger', attempts: 12 });
  expect(own.stages[0]?.seconds.high).toBeCloseTo(300, 6);
  expect(own.basis).toBe('ledger');
});

test('without its database the server answers by the model', async () => {
  const { storage } = testApp();
  const usage = { ...storage.usage, comparable: () => Promise.reject(new Error('connection refused')) };
  const { app } = testApp({ storage: { ...storage, usage } });
  expect((await estimated(app, { photos: 100 })).basis).toBe('model');
});
