import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from './api-error';

export interface SigningCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
}

/** AWS allows a clock to be off by five minutes; the SDK corrects its own from the Date of the refusal. */
const MAX_SKEW_MS = 5 * 60 * 1000;

/**
 * Verifies the Authorization header of a request to `POST /` without query ("Create a signed AWS API request", IAM User
 * Guide). Throws ApiError with AWS's code and text for anything that is not signed with our key, region and service.
 */
export function verifySignature(headers: IncomingHttpHeaders, body: Buffer, service: string, credentials: SigningCredentials, nowMs: number): void {
  const { authorization } = headers;
  if (!authorization) throw new ApiError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const match = /^AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/.exec(authorization);
  const timestamp = String(headers['x-amz-date']);
  if (!match || !/^\d{8}T\d{6}Z$/.test(timestamp)) {
    throw new ApiError('IncompleteSignatureException', 'The request signature does not conform to AWS standards.');
  }
  const [, credential, signedHeaders, signature] = match as unknown as [string, string, string, string];
  const [accessKeyId, ...scopeParts] = credential.split('/');
  if (accessKeyId !== credentials.accessKeyId) {
    throw new ApiError('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
  const date = timestamp.slice(0, 8);
  const scope = [date, credentials.region, service, 'aws4_request'];
  if (scopeParts.join('/') !== scope.join('/')) {
    throw new ApiError('InvalidSignatureException', `Credential should be scoped to '${scope.join('/')}'.`);
  }
  if (!(Math.abs(nowMs - timestampMs(timestamp)) <= MAX_SKEW_MS)) {
    throw new ApiError('InvalidSignatureException', `Signature expired: ${timestamp} is more than 5 minutes off.`);
  }
  const names = signedHeaders.split(';');
  if (!['host', 'x-amz-date'].every((name) => names.includes(name))) {
    throw new ApiError('InvalidSignatureException', "'Host' and 'X-Amz-Date' must be signed headers.");
  }
  const canonicalHeaders = names.map((name) => `${name}:${String(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`).join('');
  const canonicalRequest = ['POST', '/', '', canonicalHeaders, signedHeaders, sha256(body)].join('\n');
  const key = scope.reduce((parent: Buffer, part) => hmac(parent, part), Buffer.from(`AWS4${credentials.secretAccessKey}`));
  const expected = hmac(key, ['AWS4-HMAC-SHA256', timestamp, scope.join('/'), sha256(canonicalRequest)].join('\n'));
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex'))) {
    throw new ApiError(
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided. ' +
        'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  }
}

function timestampMs(timestamp: string): number {
  return Date.parse(timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
