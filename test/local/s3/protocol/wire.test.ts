/** What the SDK never sends but others do: signed chunks, broken framing, foreign hosts, refused expectations. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { createHash } from 'node:crypto';
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
import {
  canonicalRequest,
  EMPTY_SHA256,
  scopeText,
  sha256,
  sign,
  signingKey,
  stringToSign,
  type CredentialScope,
} from '../../../../local/aws/sigv4';
import {
  ACCESS_KEY_ID,
  BUCKET,
  patternBytes,
  refusalOf,
  REGION,
  removeFolder,
  SECRET_ACCESS_KEY,
  send,
  startS3,
  type RawAnswer,
  type RunningS3,
} from '../harness';

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

/** Signs a PUT of `key` by hand; returns headers and what its chunks are to be chained from. */
function signedPut(
  key: string,
  payloadHash: string,
  extra: Record<string, string> = {},
): { headers: OutgoingHttpHeaders; seed: string; chunkKey: Buffer; timestamp: string; scope: CredentialScope } {
  const timestamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = { date: timestamp.slice(0, 8), region: REGION, service: 's3' };
  const headers: Record<string, string> = {
    host: new URL(s3.endpoint).host,
    'x-amz-content-sha256': payloadHash,
    'x-amz-date': timestamp,
    ...extra,
  };
  const names = Object.keys(headers).sort();
  const request = canonicalRequest({
    method: 'PUT',
    path: `/${BUCKET}/${key}`,
    query: [],
    headers: names.map((name) => [name, headers[name]!]),
    payloadHash,
  });
  const chunkKey = signingKey(SECRET_ACCESS_KEY, scope);
  const seed = sign(chunkKey, stringToSign(timestamp, scope, request));
  const authorization = `AWS4-HMAC-SHA256 Credential=${ACCESS_KEY_ID}/${scopeText(scope)}, SignedHeaders=${names.join(';')}, Signature=${seed}`;
  return { headers: { ...headers, authorization }, seed, chunkKey, timestamp, scope };
}

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
  const signed = signedPut(key, `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer ? '-TRAILER' : ''}`, {
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
    const { headers } = signedPut('short', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', {
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
    const { headers } = signedPut('swapped', sha256('what was signed'));

    const answer = await send(`${s3.endpoint}/${BUCKET}/swapped`, {
      method: 'PUT',
      headers: { ...headers, 'content-length': 4 },
      body: 'evil',
    });

    expect([answer.status, /<Code>(\w+)/.exec(answer.body)?.[1]]).toEqual([400, 'XAmzContentSHA256Mismatch']);
  });

  test('an x-amz header that was added after signing is refused', async () => {
    const { headers } = signedPut('added', 'UNSIGNED-PAYLOAD');

    const answer = await send(`${s3.endpoint}/${BUCKET}/added`, {
      method: 'PUT',
      headers: { ...headers, 'x-amz-meta-owner': 'me', 'content-length': 1 },
      body: 'x',
    });

    expect(answer.status).toBe(403);
    expect(answer.body).toContain('<HeadersNotSigned>x-amz-meta-owner</HeadersNotSigned>');
  });

  test('a body without a length is MissingContentLength', async () => {
    const { headers } = signedPut('unknown', 'UNSIGNED-PAYLOAD');

    const answer = await send(`${s3.endpoint}/${BUCKET}/unknown`, {
      method: 'PUT',
      headers: { ...headers, 'transfer-encoding': 'chunked' },
      body: 'x',
    });

    expect([answer.status, /<Code>(\w+)/.exec(answer.body)?.[1]]).toEqual([411, 'MissingContentLength']);
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
    const { headers } = signedPut('half', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', {
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
