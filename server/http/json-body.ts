import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { Problem, tooLarge } from './problem';

const MAX_BODY_BYTES = 64 * 1024;
const MAX_SHOWN_LENGTH = 100;

/**
 * Reads the JSON of a request into `request.body`; without a body that stays undefined. Goes before every route that
 * takes a body: one of another media type, or of none, is refused with UNSUPPORTED_MEDIA_TYPE (RFC 9110 section
 * 15.5.16), since leaving it unread would do something else than what was asked for.
 */
export const jsonBody = (maxBytes = MAX_BODY_BYTES): readonly RequestHandler[] => [
  requireJson,
  refuseTooLarge(maxBytes),
  express.json({ limit: maxBytes, strict: false }),
];

function requireJson(request: Request, response: Response, next: NextFunction): void {
  const { 'content-length': length = '0', 'content-type': given = '' } = request.headers;
  const hasBody = request.headers['transfer-encoding'] !== undefined || Number(length) > 0;
  if (hasBody && !(request.is('application/json') && isUtf8(given))) {
    response.set('Accept', 'application/json');
    const shown = given.trim() === '' ? 'without a Content-Type' : `as ${given.slice(0, MAX_SHOWN_LENGTH)}`;
    throw new Problem(
      'UNSUPPORTED_MEDIA_TYPE',
      `the body came ${shown}; send it as UTF-8 JSON, with the header "Content-Type: application/json"`,
    );
  }
  next();
}

/** At once where the length is announced: the parser would read such a body to its end, or wait for it, before. */
const refuseTooLarge =
  (maxBytes: number): RequestHandler =>
  ({ headers }, _response, next) => {
    if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
    next();
  };

/** Of a media type without a charset too: JSON is UTF-8 (RFC 8259 section 8.1). */
const isUtf8 = (mediaType: string): boolean => {
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(mediaType) ?? [];
  return charset.toLowerCase() === 'utf-8';
};
