/** What the SDK never sends but others do: signed chunks, broken framing, foreign hosts, refused expectations. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { S3Error } from '../../../../local/s3/s3-error';
import { EMPTY_SHA256, scopeText, sha256, sign } from '../../../../local/aws/sigv4';
import {
  BUCKET,
  patternBytes,
  refusalOf,
  removeFolder,
  send,
  startS3,
  type RawAnswer,
  type RunningS3,
} from '../harness';
import { waitFor } from '../../../helpers/wait-for';
import { putRaw, signedPut } from '../signed-request';

let s3: RunningS3;
let client: S3Client;
let fault: (() => void) | undefined;

beforeAll(async () => {
  s3 = await startS3({
    allowedHosts: ['s3.compose:9000'],
    around: async (_name, _exchange, proceed) => {
      fault?.();
      await proceed();
    },
  });
  client = s3.client();
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
});

afterEach(() => {
  fault = undefined;
});

afterAll(async () => {
  await s3.close();
  await removeFolder(s3.root);
});

/** Puts with signed chunks; `spoil` may change the framed body before it is sent. */
async function putSignedChunks(
  key: string,
  chunks: Buffer[],
  trailer: boolean,
  spoil: (body: Buffer) => Buffer = (body) => body,
): Promise<RawAnswer> {
  const whole = Buffer.concat(chunks);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(whole));
  const signed = signedPut(s3.endpoint, key, `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer ? '-TRAILER' : ''}`, {
    'x-amz-decoded-content-length': String(whole.length),
    ...(trailer ? { 'x-amz-trailer': 'x-amz-checksum-crc32' } : {}),
  });
  let previous = signed.seed;
  const chain = (kind: string, ...hashes: string[]): string => {
    previous = sign(
      signed.chunkKey,
      [`AWS4-HMAC-SHA256-${kind}`, signed.timestamp, scopeText(signed.scope), previous, ...hashes].join('\n'),
    );
    return previous;
  };
  const pieces = [...chunks, Buffer.alloc(0)].map((chunk) => {
    const header = `${chunk.length.toString(16)};chunk-signature=${chain('PAYLOAD', EMPTY_SHA256, sha256OfBytes(chunk))}\r\n`;
    return Buffer.concat([Buffer.from(header), chunk, Buffer.from(chunk.length > 0 ? '\r\n' : '')]);
  });
  const line = `x-amz-checksum-crc32:${checksum.toString('base64')}`;
  const ending = trailer
    ? `${line}\r\nx-amz-trailer-signature:${chain('TRAILER', sha256(`${line}\n`))}\r\n\r\n`
    : '\r\n';
  const body = spoil(Buffer.concat([...pieces, Buffer.from(ending)]));
  return send(`${s3.endpoint}/${BUCKET}/${key}`, {
    method: 'PUT',
    headers: { ...signed.headers, 'content-encoding': 'aws-chunked', 'content-length': body.length },
    body,
  });
}

async function blobsBelow(root: string): Promise<number> {
  const entries = await readdir(path.join(root, 'blobs'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}

function sha256OfBytes(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function bytesOf(Key: string): Promise<Buffer> {
  return Buffer.from(
    await (await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }))).Body!.transformToByteArray(),
  );
}

describe('aws-chunked bodies', () => {
  const chunks = [patternBytes(70_000), patternBytes(10), Buffer.from('\r\n0\r\n\r\n'), patternBytes(8192)];

  test.each([false, true])('signed chunks are taken and unframed (signed trailer: %s)', async (trailer) => {
    expect((await putSignedChunks(`signed-${trailer}`, chunks, trailer)).status).toBe(200);
    expect((await bytesOf(`signed-${trailer}`)).equals(Buffer.concat(chunks))).toBe(true);
  });

  test.each([
    [
      'a changed byte',
      'SignatureDoesNotMatch',
      (body: Buffer) => {
        const copy = Buffer.from(body);
        copy[500] = copy[500]! ^ 1;
        return copy;
      },
    ],
    [
      'a changed signature in the last chunk',
      'SignatureDoesNotMatch',
      (body: Buffer) =>
        Buffer.from(
          body
            .toString('latin1')
            .replace(
              /(\n0;chunk-signature=)(.)/,
              (_, name: string, digit: string) => name + (digit === '0' ? '1' : '0'),
            ),
          'latin1',
        ),
    ],
    [
      'a changed trailer',
      'SignatureDoesNotMatch',
      (body: Buffer) => Buffer.from(body.toString('latin1').replace(/crc32:....../, 'crc32:AAAAAA'), 'latin1'),
    ],
    [
      'no trailer at all',
      'IncompleteBody',
      (body: Buffer) => Buffer.from(body.toString('latin1').replace(/x-amz-checksum-crc32:[^]*$/, ''), 'latin1'),
    ],
    ['bytes after the end', 'InvalidRequest', (body: Buffer) => Buffer.concat([body, Buffer.from('more')])],
    ['an endless chunk header', 'InvalidRequest', (body: Buffer) => Buffer.concat([Buffer.alloc(10_000, 0x31), body])],
  ])('%s is %s and leaves no object', async (name, code, spoil) => {
    const answer = await putSignedChunks('spoilt', chunks, true, spoil);

    expect([name, /<Code>(\w+)/.exec(answer.body)?.[1]]).toEqual([name, code]);
    await expect(client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'spoilt' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
  });

  test('a body shorter than its decoded length is IncompleteBody', async () => {
    const { headers } = signedPut(s3.endpoint, 'short', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', {
      'x-amz-decoded-content-length': '100',
    });
    const body = '5\r\nhello\r\n0\r\n\r\n';

    const answer = await send(`${s3.endpoint}/${BUCKET}/short`, {
      method: 'PUT',
      headers: { ...headers, 'content-length': body.length },
      body,
    });

    expect(answer.body).toContain('<Code>IncompleteBody</Code>');
  });
});

describe('signatures', () => {
  test('a body that is not the signed one is XAmzContentSHA256Mismatch', async () => {
    const { headers } = signedPut(s3.endpoint, 'swapped', sha256('what was signed'));

    const answer = await send(`${s3.endpoint}/${BUCKET}/swapped`, {
      method: 'PUT',
      headers: { ...headers, 'content-length': 4 },
      body: 'evil',
    });

    expect([answer.status, /<Code>(\w+)/.exec(answer.body)?.[1]]).toEqual([400, 'XAmzContentSHA256Mismatch']);
  });

  test('an x-amz header that was added after signing is refused', async () => {
    const { headers } = signedPut(s3.endpoint, 'added', 'UNSIGNED-PAYLOAD');

    const answer = await send(`${s3.endpoint}/${BUCKET}/added`, {
      method: 'PUT',
      headers: { ...headers, 'x-amz-meta-owner': 'me', 'content-length': 1 },
      body: 'x',
    });

    expect(answer.status).toBe(403);
    expect(answer.body).toContain('<HeadersNotSigned>x-amz-meta-owner</HeadersNotSigned>');
  });
});

describe('bodies of unknown length', () => {
  const chunked = { 'transfer-encoding': 'chunked' };

  test('a body whose end alone tells its length is taken whole, as `curl -T -` sends it', async () => {
    const body = patternBytes(300_000);
    const { headers } = signedPut(s3.endpoint, 'unknown', 'UNSIGNED-PAYLOAD');
    const url = await getSignedUrl(
      s3.client({ requestChecksumCalculation: 'WHEN_REQUIRED' }),
      new PutObjectCommand({ Bucket: BUCKET, Key: 'unknown-by-link' }),
    );

    const answers = [
      await send(`${s3.endpoint}/${BUCKET}/unknown`, { method: 'PUT', headers: { ...headers, ...chunked }, body }),
      await send(url, { method: 'PUT', headers: chunked, body }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    for (const key of ['unknown', 'unknown-by-link']) expect((await bytesOf(key)).equals(body)).toBe(true);
  });

  test('its digest is checked like that of any body', async () => {
    const { headers } = signedPut(s3.endpoint, 'unknown-swapped', sha256('what was signed'));

    const answer = await send(`${s3.endpoint}/${BUCKET}/unknown-swapped`, {
      method: 'PUT',
      headers: { ...headers, ...chunked },
      body: 'evil',
    });

    expect([answer.status, /<Code>(\w+)/.exec(answer.body)?.[1]]).toEqual([400, 'XAmzContentSHA256Mismatch']);
  });

  test('a body that breaks off leaves no object', async () => {
    const { headers } = signedPut(s3.endpoint, 'unknown-broken', 'UNSIGNED-PAYLOAD');
    const outgoing = httpRequest(`${s3.endpoint}/${BUCKET}/unknown-broken`, {
      method: 'PUT',
      headers: { ...headers, ...chunked },
    });
    outgoing.on('error', () => undefined); // the client itself broke it off
    outgoing.write(patternBytes(100_000));
    await waitFor('its bytes arrive', async () => (await blobsBelow(s3.root)) > blobsBefore);
    outgoing.destroy();

    await waitFor('its bytes are gone', async () => (await blobsBelow(s3.root)) === blobsBefore);
    await expect(client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'unknown-broken' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
  });

  let blobsBefore = 0;
  beforeEach(async () => {
    blobsBefore = await blobsBelow(s3.root);
  });

  test('a body in another transfer encoding is refused', async () => {
    const { headers } = signedPut(s3.endpoint, 'unknown-gzip', 'UNSIGNED-PAYLOAD');

    const answer = await send(`${s3.endpoint}/${BUCKET}/unknown-gzip`, {
      method: 'PUT',
      headers: { ...headers, 'transfer-encoding': 'gzip, chunked' },
      body: 'x',
    });

    expect([answer.status, /<Code>(\w+)/.exec(answer.body)?.[1]]).toEqual([501, 'NotImplemented']);
  });

  test('a request that announces no body at all is MissingContentLength', async () => {
    const { headers } = signedPut(s3.endpoint, 'no-body', 'UNSIGNED-PAYLOAD');

    const answer = await putRaw(s3.endpoint, 'no-body', headers);

    expect([answer.status, /<Code>(\w+)/.exec(answer.text)?.[1]]).toEqual([411, 'MissingContentLength']);
  });
});

describe('hosts', () => {
  test('a name that a foreign page could have made point here is refused, also with a valid signature', async () => {
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket: BUCKET, Key: 'any' }));

    const answer = await send(url, { headers: { host: 'rebound.example' } });

    expect(answer.status).toBe(403);
    expect(answer.body).toContain('is not served here');
  });

  test('localhost and configured names are served', async () => {
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'named', Body: 'here' }));
    const byName = s3.client({ endpoint: s3.endpoint.replace('127.0.0.1', 'localhost'), forcePathStyle: true });

    expect(
      await (await byName.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'named' }))).Body!.transformToString(),
    ).toBe('here');
    const compose = await send(s3.endpoint, { headers: { host: 's3.compose:9000' } });
    expect(compose.body).toContain('Anonymous access is not allowed');
  });
});

describe('connections', () => {
  test('a client that expects 100 Continue is refused before it sends its body', async () => {
    const outgoing = httpRequest(`${s3.endpoint}/${BUCKET}/unsent`, {
      method: 'PUT',
      headers: { expect: '100-continue', 'content-length': 1_000_000 },
    });
    let continued = false;
    outgoing.on('continue', () => {
      continued = true;
    });
    outgoing.flushHeaders();
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];

    expect([answer.statusCode, answer.headers.connection, continued]).toEqual([403, 'close', false]);
    outgoing.destroy();
  });

  test('a body that is refused half-way is still answered', async () => {
    const { headers } = signedPut(s3.endpoint, 'half', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', {
      'x-amz-decoded-content-length': '8000000',
    });
    const body = Buffer.concat([Buffer.from('this is no chunk\r\n'), patternBytes(8_000_000)]);

    const answer = await send(`${s3.endpoint}/${BUCKET}/half`, {
      method: 'PUT',
      headers: { ...headers, 'content-length': body.length },
      body,
    });

    expect([answer.status, /<Code>(\w+)/.exec(answer.body)?.[1]]).toEqual([400, 'InvalidRequest']);
  });

  test('bytes that are no HTTP do not disturb the others', async () => {
    const { port } = new URL(s3.endpoint);
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.end('\u0016\u0003\u0001 nonsense\r\n\r\n');
    });
    socket.resume();
    await once(socket, 'close');

    expect((await send(s3.endpoint)).status).toBe(403);
  });

  test('a path that is no percent-encoding is InvalidURI', async () => {
    expect((await send(`${s3.endpoint}/${BUCKET}/%zz`)).body).toContain('<Code>InvalidURI</Code>');
  });
});

test('an error thrown around an operation is its answer, which the SDK retries when it is a fault of the server', async () => {
  let failures = 0;
  fault = () => {
    failures += 1;
    if (failures <= 2) throw new S3Error('InternalError');
  };
  await s3.client({ maxAttempts: 3 }).send(new PutObjectCommand({ Bucket: BUCKET, Key: 'retried', Body: 'x' }));
  expect(failures).toBe(3);

  fault = () => {
    throw new S3Error('NotImplemented');
  };
  expect(await refusalOf(client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'retried' })))).toMatchObject({
    status: 501,
  });
});
