import type { KeyIndex } from './key-index';
import { S3Error } from '../s3-error';

/** Where a listing continues: after a key, or after everything below a common prefix. */
export type ListingPosition = { afterKey: string } | { afterPrefix: string };

interface ListingQuery {
  prefix: string;
  /** Keys that hold it after the prefix are rolled up to one common prefix; '' rolls nothing up. */
  delimiter: string;
  /** 0 to 1000 keys and common prefixes together. */
  maxKeys: number;
  from?: ListingPosition | undefined;
}

export interface Listing<T> {
  contents: T[];
  commonPrefixes: string[];
  /** Where to continue; undefined when the listing is complete. */
  next?: ListingPosition | undefined;
}

/** One page of a listing, in key order. Whole common prefixes are skipped by search, not by reading their keys. */
export function listKeys<T>(index: KeyIndex<T>, query: ListingQuery): Listing<T> {
  const { prefix, maxKeys } = query;
  const listing: Listing<T> = { contents: [], commonPrefixes: [] };
  let position = startPosition(index, query);
  let last: ListingPosition | undefined;
  for (;;) {
    const key = index.keyAt(position);
    const value = key === undefined ? undefined : index.get(key);
    if (key === undefined || value === undefined || !key.startsWith(prefix) || maxKeys === 0) return listing;
    if (listing.contents.length + listing.commonPrefixes.length === maxKeys) return { ...listing, next: last };
    const commonPrefix = commonPrefixOf(key, query);
    if (commonPrefix === undefined) {
      listing.contents.push(value);
      last = { afterKey: key };
      position += 1;
    } else {
      listing.commonPrefixes.push(commonPrefix);
      last = { afterPrefix: commonPrefix };
      position = index.positionAfterPrefix(commonPrefix);
    }
  }
}

/** An opaque continuation token; the client sends it back as it is. */
export function encodeToken(position: ListingPosition): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Throws InvalidArgument for a token that did not come from here. */
export function decodeToken(token: string): ListingPosition {
  try {
    const position = JSON.parse(Buffer.from(token, 'base64url').toString()) as Record<string, unknown>;
    if (typeof position.afterKey === 'string') return { afterKey: position.afterKey };
    if (typeof position.afterPrefix === 'string') return { afterPrefix: position.afterPrefix };
  } catch {
    // Not JSON: refused below like any other token that is not ours.
  }
  throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect.');
}

/** What the key is rolled up to, or undefined where it is listed itself. `key` begins with the prefix. */
function commonPrefixOf(key: string, { prefix, delimiter }: ListingQuery): string | undefined {
  const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return cut < 0 ? undefined : key.slice(0, cut + delimiter.length);
}

function startPosition<T>(index: KeyIndex<T>, query: ListingQuery): number {
  const first = index.positionOf(query.prefix);
  if (!query.from) return first;
  return Math.max(first, positionAfter(index, query.from, query));
}

function positionAfter<T>(index: KeyIndex<T>, from: ListingPosition, query: ListingQuery): number {
  if ('afterPrefix' in from) return index.positionAfterPrefix(from.afterPrefix);
  const key = from.afterKey;
  // A common prefix sorts before the keys that it stands for: after one of those keys it is over.
  const passed = key.startsWith(query.prefix) ? commonPrefixOf(key, query) : undefined;
  if (passed !== undefined) return index.positionAfterPrefix(passed);
  const position = index.positionOf(key);
  return index.keyAt(position) === key ? position + 1 : position;
}
