import { header, type S3Request } from '../protocol/request';
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

/** What must hold of an object that is deleted, as sent. */
export interface DeletionConditions {
  ifMatch?: string | undefined;
  /** A date of any usual form; compared in whole seconds. */
  lastModified?: string | undefined;
  /** Bytes. */
  size?: string | undefined;
}

/** The conditions of a read; with a prefix those on the source of a copy. */
export function readConditions(request: S3Request, prefix = ''): Conditions {
  return {
    ifMatch: header(request, `${prefix}if-match`),
    ifNoneMatch: header(request, `${prefix}if-none-match`),
    ifModifiedSince: header(request, `${prefix}if-modified-since`),
    ifUnmodifiedSince: header(request, `${prefix}if-unmodified-since`),
  };
}

export function writeConditions(request: S3Request): Conditions {
  return { ifMatch: header(request, 'if-match'), ifNoneMatch: header(request, 'if-none-match') };
}

export function deletionConditions(request: S3Request): DeletionConditions {
  return {
    ifMatch: header(request, 'if-match'),
    lastModified: header(request, 'x-amz-if-match-last-modified-time'),
    size: header(request, 'x-amz-if-match-size'),
  };
}

/**
 * Decides a conditional read in the order of RFC 9110 section 13.2.2.
 * @returns whether the client's copy is still good (answer 304).
 * @throws {S3Error} PreconditionFailed.
 */
export function isNotModified(version: Version, conditions: Conditions): boolean {
  const { ifMatch, ifNoneMatch } = conditions;
  const seconds = wholeSeconds(version.lastModified);
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
  requireMatch(existing, ifMatch);
}

/**
 * Decides a conditional deletion. A size or time that is asked of an object which is not there holds, as on S3, so that
 * a deletion can be repeated.
 * @throws {S3Error} PreconditionFailed, NoSuchKey (If-Match without an object), InvalidArgument (no size, no date).
 */
export function requireDeletable(
  existing: (Version & { size: number }) | undefined,
  { ifMatch, lastModified, size }: DeletionConditions,
): void {
  const time = lastModified === undefined ? undefined : Date.parse(lastModified);
  if (Number.isNaN(time)) throw new S3Error('InvalidArgument', 'The last modified time to match is not a date.');
  if (size !== undefined && !/^\d{1,15}$/.test(size))
    throw new S3Error('InvalidArgument', 'The size to match is not a number of bytes.');
  requireMatch(existing, ifMatch);
  if (!existing) return;
  if (time !== undefined && wholeSeconds(time) !== wholeSeconds(existing.lastModified))
    throw new S3Error('PreconditionFailed');
  if (size !== undefined && Number(size) !== existing.size) throw new S3Error('PreconditionFailed');
}

function requireMatch(existing: Version | undefined, ifMatch: string | undefined): void {
  if (ifMatch === undefined) return;
  if (!existing) throw new S3Error('NoSuchKey');
  if (!matchesEtag(ifMatch, existing.etag)) throw new S3Error('PreconditionFailed');
}

/** HTTP dates have no fraction. */
function wholeSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}

function matchesEtag(header: string, etag: string): boolean {
  const candidates = header.split(',').map((candidate) => candidate.trim().replace(/^W\//, ''));
  return candidates.some((candidate) => ['*', etag].includes(candidate.replace(/^"(.*)"$/, '$1')));
}
