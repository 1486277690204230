import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import {
  canonicalRequest,
  scopeText,
  sign,
  signingKey,
  stringToSign,
  type CredentialScope,
} from '../../../local/aws/sigv4';
import { ACCESS_KEY_ID, BUCKET, REGION, SECRET_ACCESS_KEY } from './harness';

interface SignedRequest {
  headers: Record<string, string>;
  /** What the chunks of a body are to be chained from. */
  seed: string;
  chunkKey: Buffer;
  timestamp: string;
  scope: CredentialScope;
}

/** Signs a PUT of `key` by hand. Values in `extra` have a character a byte; `encoding` says how they are signed. */
export function signedPut(
  endpoint: string,
  key: string,
  payloadHash: string,
  extra: Record<string, string> = {},
  encoding: 'latin1' | 'utf8' = 'utf8',
): SignedRequest {
  const timestamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = { date: timestamp.slice(0, 8), region: REGION, service: 's3' };
  const headers: Record<string, string> = {
    host: new URL(endpoint).host,
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
  const seed = sign(chunkKey, stringToSign(timestamp, scope, Buffer.from(request, encoding)));
  const authorization = `AWS4-HMAC-SHA256 Credential=${ACCESS_KEY_ID}/${scopeText(scope)}, SignedHeaders=${names.join(';')}, Signature=${seed}`;
  return { headers: { ...headers, authorization }, seed, chunkKey, timestamp, scope };
}

/**
 * Writes a PUT as it is given, a character of a header a byte (Node's client changes some of them), and reads the whole
 * answer.
 */
export async function putRaw(
  endpoint: string,
  key: string,
  headers: Record<string, string>,
  body = '',
): Promise<{ status: number; text: string }> {
  const lines = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}`);
  const socket = connect(Number(new URL(endpoint).port), '127.0.0.1', () => {
    socket.write([`PUT /${BUCKET}/${key} HTTP/1.1`, ...lines, '', body].join('\r\n'), 'latin1');
  });
  const text = (await buffer(socket)).toString('utf8');
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text };
}
