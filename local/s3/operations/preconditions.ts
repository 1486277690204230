import { S3Error } from '../s3-error';

/** What conditions are compared with. */
export interface Version {
  /** Without quotes. */
  etag: string;
  /** Milliseconds since the epoch. */
  lastModified: number;
}

/** The four conditional headers of RFC 9110 section 13.1, as sent. */
export interface Conditions {
  ifMatch?: string | undefined;
  ifNoneMatch?: string | undefined;
  ifModifiedSince?: string | undefined;
  ifUnmodifiedSince?: string | undefined;
}

/**
 * Decides a conditional read in the order of RFC 9110 section 13.2.2.
 * @returns whether the client's copy is still good (answer 304).
 * @throws {S3Error} PreconditionFailed.
 */
export function isNotModified(version: Version, conditions: Conditions): boolean {
  const { ifMatch, ifNoneMatch } = conditions;
  const seconds = Math.floor(version.lastModified / 1000) * 1000; // HTTP dates have no fraction
  if (ifMatch !== undefined) {
    if (!matchesEtag(ifMatch, version.etag)) throw new S3Error('PreconditionFailed');
  } else if (seconds > Date.parse(conditions.ifUnmodifiedSince ?? '')) {
    throw new S3Error('PreconditionFailed');
  }
  if (ifNoneMatch !== undefined) return matchesEtag(ifNoneMatch, version.etag);
  return seconds <= Date.parse(conditions.ifModifiedSince ?? '');
}

/**
 * Decides a conditional write over what is there now: `If-None-Match: *` creates only, `If-Match` replaces only.
 * @throws {S3Error} PreconditionFailed, NoSuchKey (If-Match without an object), NotImplemented (If-None-Match with an
 * ETag, as S3).
 */
export function requireWritable(existing: Version | undefined, { ifMatch, ifNoneMatch }: Conditions): void {
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() !== '*') throw new S3Error('NotImplemented', 'If-None-Match takes only "*" on a write.');
    if (existing) throw new S3Error('PreconditionFailed');
  }
  if (ifMatch !== undefined) {
    if (!existing) throw new S3Error('NoSuchKey');
    if (!matchesEtag(ifMatch, existing.etag)) throw new S3Error('PreconditionFailed');
  }
}

function matchesEtag(header: string, etag: string): boolean {
  const candidates = header.split(',').map((candidate) => candidate.trim().replace(/^W\//, ''));
  return candidates.some((candidate) => ['*', etag].includes(candidate.replace(/^"(.*)"$/, '$1')));
}
