import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createPhotoActivities, type IntakeInput } from '../../../activities/intake/photos';
import type { PhotoSummary } from '../../../contracts/job/record';
import { layout } from '../../../contracts/storage/layout';
import { createUsedUpBudgets, type UsedUpBudgets } from '../../../platform/used-up-budgets';
import type { PhotoManifest } from '../../../contracts/storage/photo-manifest';
import { greyJpeg } from '../../helpers/photos';
import { removeFolder, startS3, type RunningS3 } from '../../local/s3/harness';

export const BUCKET = 'spaceport';

export const photo = (shade: number): Buffer => greyJpeg(640, 480, shade);

/** Photos that differ: `DJI_0.JPG` and so on. */
export const goodPhotos = (count: number): Record<string, Buffer> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`DJI_${i}.JPG`, photo(100 + i)]));

export const rejection = (code: string, text: string): object => ({
  type: code,
  message: expect.stringContaining(text) as string,
});

/** What one job's intake came to. */
export interface TakenIn {
  readonly jobId: string;
  readonly summary: PhotoSummary;
  /** Files that are left out, with the reason. */
  readonly reasons: Readonly<Record<string, string>>;
  readonly manifest: PhotoManifest;
  /** What the SfM job is told to download. */
  readonly prefix: string;
  readonly names: readonly string[];
}

/** Runs the activity on an S3 of its own. */
export class IntakeBench {
  readonly usedUpBudgets: UsedUpBudgets;
  private jobs = 0;

  private constructor(
    private readonly server: RunningS3,
    readonly s3: S3Client,
  ) {
    this.usedUpBudgets = createUsedUpBudgets({ s3, bucket: BUCKET });
  }

  static async start(): Promise<IntakeBench> {
    const server = await startS3();
    const s3 = server.client();
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    return new IntakeBench(server, s3);
  }

  async close(): Promise<void> {
    await this.server.close();
    await removeFolder(this.server.root);
  }

  async put(key: string, body: Buffer): Promise<void> {
    await this.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
  }

  async read(key: string): Promise<Buffer> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  }

  /** Uploads files as one job's input and takes them in; `address` is below their folder. */
  async takeIn(
    files: Readonly<Record<string, Buffer>>,
    address = '',
    limits: Partial<IntakeInput> = {},
  ): Promise<TakenIn> {
    const jobId = limits.jobId ?? `testjob${(this.jobs += 1)}`;
    const folder = layout.uploadFolder('local', jobId);
    for (const [name, body] of Object.entries(files)) await this.put(folder + name, body);
    const { s3, usedUpBudgets } = this;
    const { intakePhotos } = createPhotoActivities({ s3, bucket: BUCKET, inputBuckets: [BUCKET], usedUpBudgets });
    const location = { bucket: BUCKET, key: folder + address };
    const summary = await new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run<
      [IntakeInput],
      PhotoSummary,
      typeof intakePhotos
    >(intakePhotos, { jobId, location, minPhotos: 3, maxPhotos: 100, ...limits });
    const json = async (key: string): Promise<unknown> => JSON.parse((await this.read(key)).toString()) as unknown;
    const [head, ...names] = (await json(layout.photoList(jobId))) as [{ prefix: string }, ...string[]];
    const manifest = (await json(layout.manifest(jobId))) as PhotoManifest;
    const reasons = Object.fromEntries(summary.rejected.map(({ name, reason }) => [name, reason]));
    return { jobId, summary, reasons, manifest, prefix: head.prefix, names };
  }
}
