import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import {
  Agent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import pino from 'pino';
import { createS3Server, type S3ServerOptions } from '../../../local/s3/server';

export const ACCESS_KEY_ID = 'AKIDEXAMPLE';
export const SECRET_ACCESS_KEY = 'secret/for+tests';
export const REGION = 'us-west-2';
export const PAGE_ORIGIN = 'http://127.0.0.1:3000';
export const BUCKET = 'photos-under-test';

export interface RunningS3 {
  endpoint: string;
  root: string;
  client(config?: S3ClientConfig): S3Client;
  close(): Promise<void>;
}

/** An endpoint in this process on a free port, over an existing root or a new temporary one. */
export async function startS3(options: Partial<S3ServerOptions> = {}): Promise<RunningS3> {
  const root = options.root ?? (await temporaryFolder());
  const { server, close } = await createS3Server({
    credentials: [{ accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET_ACCESS_KEY }],
    region: REGION,
    corsOrigins: [PAGE_ORIGIN],
    logger: pino({ level: 'silent' }),
    ...options,
    root,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clients: S3Client[] = [];
  return {
    endpoint,
    root,
    client(config = {}) {
      const client = clientFor(endpoint, config);
      clients.push(client);
      return client;
    },
    async close() {
      clients.forEach((client) => client.destroy());
      await close(0);
    },
  };
}

/** An endpoint with one bucket, `BUCKET`, for the tests of one file. */
export class BucketUnderTest {
  s3!: RunningS3;
  client!: S3Client;
  /** Signs uploads for browsers: the SDK's default would sign the checksum of an empty body into the link. */
  linkSigner!: S3Client;

  async start(options: Partial<S3ServerOptions> = {}): Promise<void> {
    this.s3 = await startS3(options);
    this.client = this.s3.client();
    this.linkSigner = this.s3.client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
    await this.client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  }

  async remove(): Promise<void> {
    await this.s3.close();
    await removeFolder(this.s3.root);
  }

  get send(): S3Client['send'] {
    return this.client.send.bind<S3Client['send']>(this.client);
  }

  async put(Key: string, Body: string | Buffer = 'x'): Promise<void> {
    await this.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
  }

  async bytesOf(Key: string): Promise<Buffer> {
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    return Buffer.from(await Body!.transformToByteArray());
  }

  async keysBelow(Prefix: string): Promise<string[]> {
    const { Contents = [] } = await this.client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix }));
    return Contents.map(({ Key }) => Key!);
  }

  async exists(key: string): Promise<boolean> {
    return (await this.keysBelow(key)).includes(key);
  }
}

/** The AWS SDK as the product uses it: only the endpoint differs. */
export function clientFor(endpoint: string, config: S3ClientConfig = {}): S3Client {
  const credentials = { accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET_ACCESS_KEY };
  return new S3Client({ endpoint, region: REGION, credentials, maxAttempts: 1, ...config });
}

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'spaceport-s3-'));
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** One HTTP request as written, without the SDK. */
export async function send(
  url: string,
  options: { method?: string; headers?: OutgoingHttpHeaders; body?: string | Buffer } = {},
): Promise<RawAnswer> {
  const agent = new Agent({ keepAlive: true }); // as every S3 client does
  const outgoing = httpRequest(url, { method: options.method ?? 'GET', headers: options.headers ?? {}, agent });
  outgoing.end(options.body);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  agent.destroy();
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks).toString('utf8') };
}

/** Bytes that no mistake of order or alignment leaves unchanged. */
export function patternBytes(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let index = 0; index < length; index++) bytes[index] = (index * 31 + (index >>> 8) * 17 + (index >>> 16)) & 0xff;
  return bytes;
}

/** What the rejected call says: `name` and HTTP status of the SDK's error. */
export async function refusalOf(call: Promise<unknown>): Promise<{ name: string; status: number | undefined }> {
  try {
    await call;
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return { name, status: $metadata?.httpStatusCode };
  }
  throw new Error('The call succeeded.');
}
