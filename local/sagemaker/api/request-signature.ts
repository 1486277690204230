import type { IncomingHttpHeaders } from 'node:http';
import {
  canonicalRequest,
  parseTimestamp,
  scopeText,
  sha256,
  sign,
  signaturesEqual,
  signingKey,
  stringToSign,
} from '../../aws/sigv4';
import { ApiError } from '../api-error';

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
export function verifySignature(
  headers: IncomingHttpHeaders,
  body: Buffer,
  service: string,
  credentials: SigningCredentials,
  nowMs: number,
): void {
  const { authorization } = headers;
  if (!authorization) throw new ApiError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const match = /^AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/.exec(
    authorization,
  );
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
  const scope = { date, region: credentials.region, service };
  if (scopeParts.join('/') !== scopeText(scope)) {
    throw new ApiError('InvalidSignatureException', `Credential should be scoped to '${scopeText(scope)}'.`);
  }
  if (!(Math.abs(nowMs - parseTimestamp(timestamp)) <= MAX_SKEW_MS)) {
    throw new ApiError('InvalidSignatureException', `Signature expired: ${timestamp} is more than 5 minutes off.`);
  }
  const names = signedHeaders.split(';');
  if (!['host', 'x-amz-date'].every((name) => names.includes(name))) {
    throw new ApiError('InvalidSignatureException', "'Host' and 'X-Amz-Date' must be signed headers.");
  }
  const request = canonicalRequest({
    method: 'POST',
    path: '/',
    query: [],
    headers: names.map((name) => [name, String(headers[name] ?? '')] as const),
    payloadHash: sha256(body),
  });
  const expected = sign(signingKey(credentials.secretAccessKey, scope), stringToSign(timestamp, scope, request));
  if (!signaturesEqual(expected, signature)) {
    throw new ApiError(
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided. ' +
        'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  }
}
