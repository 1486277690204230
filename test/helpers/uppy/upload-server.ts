import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createUploadStorage } from '../../../server/uploads/uploads';
import { testApp, testConfig } from '../../server/helpers';
import { BUCKET, BucketUnderTest } from '../../local/s3/harness';
import { brokenConnection, type BrokenConnection } from './broken-connection';

/** The API on a port of its own, over a local S3 that its links reach by a connection which breaks. */
export interface UploadServer {
  readonly address: string;
  readonly bucket: BucketUnderTest;
  readonly way: BrokenConnection;
  close(): Promise<void>;
}

/** @param around sees every request to the S3, as `BucketUnderTest.start` has it */
export async function uploadServer(
  breaking: Parameters<typeof brokenConnection>[1],
  around: NonNullable<NonNullable<Parameters<BucketUnderTest['start']>[0]>['around']>,
): Promise<UploadServer> {
  const bucket = new BucketUnderTest();
  const way = await brokenConnection(() => Number(new URL(bucket.s3.endpoint).port), breaking);
  const web = createServer();
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  const address = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  await bucket.start({ corsOrigins: [address], allowedHosts: [`127.0.0.1:${way.port}`], around });
  const signing = bucket.s3.client({
    endpoint: `http://127.0.0.1:${way.port}`,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    forcePathStyle: true,
  });
  const { app } = testApp({
    config: { ...testConfig, bucket: BUCKET, publicUrl: address },
    uploads: createUploadStorage({ s3: bucket.client, signing, bucket: BUCKET }),
    now: Date.now,
  });
  web.on('request', app);
  return {
    address,
    bucket,
    way,
    async close() {
      way.close();
      web.closeAllConnections();
      web.close();
      await bucket.remove();
    },
  };
}
