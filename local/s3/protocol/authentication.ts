import type { ChunkSigning } from './aws-chunked';
import { parameter, type S3Request } from './request';
import { S3Error } from '../s3-error';
import {
  ALGORITHM,
  canonicalRequest,
  parseTimestamp,
  sign,
  signaturesEqual,
  signingKey,
  stringToSign,
  type CredentialScope,
} from '../../aws/sigv4';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

interface AuthenticationSettings {
  credentials: readonly Credentials[];
  region: string;
}

/** How the body that follows is to be read and checked; signed together with the headers. */
export type PayloadForm =
  | { kind: 'unsigned' }
  | { kind: 'sha256'; hex: string }
  | { kind: 'aws-chunked'; hasTrailer: boolean; signing?: ChunkSigning };

const MAX_SKEW_MS = 15 * 60_000;
const MAX_PRESIGNED_SECONDS = 7 * 24 * 3600;

/**
 * Checks the request's signature, in the Authorization header or in the query.
 *
 * Nothing is public here: a request without a signature is refused. As on S3, every x-amz-* header must be signed.
 * @throws {S3Error} AccessDenied (anonymous, expired, unsigned headers), InvalidAccessKeyId, SignatureDoesNotMatch,
 *   RequestTimeTooSkewed, AuthorizationHeaderMalformed, AuthorizationQueryParametersError, InvalidRequest.
 */
export function authenticate(request: S3Request, settings: AuthenticationSettings, now = Date.now()): PayloadForm {
  refuseVersion2(request);
  const claim = request.presigned ? presignedClaim(request, now) : headerClaim(request, now);
  requireRegion(claim, settings.region);
  const credentials = settings.credentials.find(({ accessKeyId }) => accessKeyId === claim.accessKeyId);
  if (!credentials) throw new S3Error('InvalidAccessKeyId');
  requireSignedHeaders(request, claim.signedHeaders);

  const key = signingKey(credentials.secretAccessKey, claim.scope);
  const canonical = canonicalRequest({
    method: request.method,
    path: request.path,
    query: request.query.filter(([name]) => name !== 'X-Amz-Signature'),
    headers: claim.signedHeaders.map((name) => [name, request.headers[name] ?? ''] as const),
    payloadHash: claim.payloadHash,
  });
  if (!HEADER_READINGS.some((encoding) => isSignatureOf(Buffer.from(canonical, encoding), claim, key)))
    throw new S3Error('SignatureDoesNotMatch');
  return payloadForm(claim, key);
}

/**
 * Clients disagree about header values beyond ASCII. Some sign the bytes that they send (boto3, curl); others read
 * these as Latin-1 and sign that text as UTF-8 (the AWS SDK for JavaScript). The values here have a character a byte,
 * so that these two encodings give the one and the other. Everything else in a canonical request is ASCII.
 */
const HEADER_READINGS = ['latin1', 'utf8'] as const;

function isSignatureOf(canonical: Buffer, { timestamp, scope, signature }: Claim, key: Buffer): boolean {
  return signaturesEqual(sign(key, stringToSign(timestamp, scope, canonical)), signature);
}

/** Which some clients still choose for links, such as version 1 of `aws s3 presign`. */
function refuseVersion2(request: S3Request): void {
  const inQuery = !request.presigned && parameter(request, 'AWSAccessKeyId') !== undefined;
  if (inQuery || /^AWS /.test(request.headers.authorization ?? ''))
    throw new S3Error(
      'InvalidRequest',
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    );
}

type MalformedCode = 'AuthorizationHeaderMalformed' | 'AuthorizationQueryParametersError';

/** What the client says; nothing of it is believed before the signature matches. */
interface Claim {
  /** What a part of it is called that cannot be right. */
  malformed: MalformedCode;
  accessKeyId: string;
  scope: CredentialScope;
  /** ISO basic form. */
  timestamp: string;
  signedHeaders: readonly string[];
  signature: string;
  payloadHash: string;
}

function headerClaim(request: S3Request, now: number): Claim {
  const authorization = request.headers.authorization;
  if (authorization === undefined)
    throw new S3Error('AccessDenied', 'Anonymous access is not allowed: sign the request.');
  const [, credential, signedHeaders, signature] =
    /^AWS4-HMAC-SHA256\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/.exec(
      authorization.trim(),
    ) ?? [];
  if (!credential || !signedHeaders || !signature) throw new S3Error('AuthorizationHeaderMalformed');
  const payloadHash = request.headers['x-amz-content-sha256'];
  if (payloadHash === undefined)
    throw new S3Error('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256');
  const timestamp = request.headers['x-amz-date'] ?? '';
  const time = parseTimestamp(timestamp);
  if (Number.isNaN(time)) throw new S3Error('AccessDenied', 'AWS authentication requires a valid x-amz-date header.');
  if (Math.abs(now - time) > MAX_SKEW_MS) throw new S3Error('RequestTimeTooSkewed');
  return {
    ...parseCredential(credential, timestamp, 'AuthorizationHeaderMalformed'),
    timestamp,
    signedHeaders: signedHeaders.split(';'),
    signature,
    payloadHash,
  };
}

function presignedClaim(request: S3Request, now: number): Claim {
  const malformed = (message: string): S3Error => new S3Error('AuthorizationQueryParametersError', message);
  const value = (name: string): string => {
    const found = parameter(request, name);
    if (found === undefined) throw malformed(`The query parameter ${name} is missing.`);
    return found;
  };
  if (value('X-Amz-Algorithm') !== ALGORITHM) throw malformed(`X-Amz-Algorithm must be ${ALGORITHM}.`);
  const timestamp = value('X-Amz-Date');
  const time = parseTimestamp(timestamp);
  const seconds = Number(value('X-Amz-Expires'));
  if (Number.isNaN(time)) throw malformed('X-Amz-Date is malformed.');
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_PRESIGNED_SECONDS)
    throw malformed(`X-Amz-Expires must be 1 to ${MAX_PRESIGNED_SECONDS} seconds.`);
  if (time - now > MAX_SKEW_MS) throw new S3Error('AccessDenied', 'Request is not valid yet');
  if (now > time + seconds * 1000) throw new S3Error('AccessDenied', 'Request has expired');
  return {
    ...parseCredential(value('X-Amz-Credential'), timestamp, 'AuthorizationQueryParametersError'),
    timestamp,
    signedHeaders: value('X-Amz-SignedHeaders').split(';'),
    signature: value('X-Amz-Signature'),
    payloadHash:
      parameter(request, 'X-Amz-Content-Sha256') ?? request.headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD',
  };
}

function parseCredential(
  text: string,
  timestamp: string,
  malformed: MalformedCode,
): Pick<Claim, 'accessKeyId' | 'scope' | 'malformed'> {
  const [, accessKeyId, date, region] = /^(.+)\/(\d{8})\/([^/]+)\/s3\/aws4_request$/.exec(text) ?? [];
  if (!accessKeyId || !region || date !== timestamp.slice(0, 8)) {
    throw new S3Error(malformed, 'The credential must be <access key>/<date of the request>/<region>/s3/aws4_request.');
  }
  return { accessKeyId, scope: { date, region, service: 's3' }, malformed };
}

/** Clients take the right region from the error, and sign again. */
function requireRegion({ scope, malformed }: Claim, region: string): void {
  if (scope.region !== region) {
    throw new S3Error(malformed, `The authorization names the region '${scope.region}'; expecting '${region}'.`, {
      Region: region,
    });
  }
}

function requireSignedHeaders(request: S3Request, signedHeaders: readonly string[]): void {
  const unsigned = Object.keys(request.headers).find(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !signedHeaders.includes(name),
  );
  if (unsigned !== undefined) {
    throw new S3Error('AccessDenied', 'There were headers present in the request which were not signed', {
      HeadersNotSigned: unsigned,
    });
  }
}

function payloadForm({ payloadHash, timestamp, scope, signature }: Claim, key: Buffer): PayloadForm {
  const signing: ChunkSigning = { key, timestamp, scope, seedSignature: signature };
  switch (payloadHash) {
    case 'UNSIGNED-PAYLOAD':
      return { kind: 'unsigned' };
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return { kind: 'aws-chunked', hasTrailer: true };
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
      return { kind: 'aws-chunked', hasTrailer: false, signing };
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      return { kind: 'aws-chunked', hasTrailer: true, signing };
  }
  if (/^[0-9a-f]{64}$/.test(payloadHash)) return { kind: 'sha256', hex: payloadHash };
  if (payloadHash.startsWith('STREAMING-'))
    throw new S3Error('NotImplemented', `The payload form ${payloadHash.slice(0, 60)} is not implemented.`);
  throw new S3Error(
    'InvalidArgument',
    'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a STREAMING form, or a valid sha256 value.',
  );
}
