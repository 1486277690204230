import type { Request, Response } from 'express';
import { matches } from '../http/entity-tag';

/** A file that lies elsewhere, as far as the head of its answer tells. */
export interface FileHead {
  readonly bytes: number;
  readonly mediaType: string;
  readonly disposition: string;
  /** With quotes. */
  readonly etag: string;
  readonly modifiedAt: Date;
}

/**
 * Answers HEAD with what GET comes to behind its redirect: a signed link is good for one method only. Conditions are
 * decided in the order of RFC 9110 section 13.2.2; ranges are for GET alone.
 */
export function sendFileHead(request: Request, response: Response, file: FileHead): void {
  // Not by Express's own `set`, which adds a charset that the file itself comes without.
  response.setHeader('Content-Type', file.mediaType);
  response.setHeader('Content-Disposition', file.disposition);
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('ETag', file.etag);
  response.setHeader('Last-Modified', file.modifiedAt.toUTCString());
  response.setHeader('Cache-Control', 'private, no-cache');
  const status = conditionalStatus(request, file);
  if (status === 200) response.setHeader('Content-Length', file.bytes);
  response.status(status).end();
}

/** 412 where the sender wants an answer about another version only, 304 where it has this one already. */
function conditionalStatus({ headers }: Pick<Request, 'headers'>, { etag, modifiedAt }: FileHead): 200 | 304 | 412 {
  const modifiedMs = Math.floor(modifiedAt.getTime() / 1000) * 1000; // HTTP dates have no fraction
  // Comparisons with what is no date are false.
  const unmodifiedSinceMs = Date.parse(headers['if-unmodified-since'] ?? '');
  const isOther =
    headers['if-match'] === undefined ? modifiedMs > unmodifiedSinceMs : !matches(headers['if-match'], etag);
  if (isOther) return 412;
  const isKnown =
    headers['if-none-match'] === undefined
      ? modifiedMs <= Date.parse(headers['if-modified-since'] ?? '')
      : matches(headers['if-none-match'], etag);
  return isKnown ? 304 : 200;
}
