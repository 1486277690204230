import { S3Error } from './s3-error';

/**
 * Percent-encodes as SigV4 demands: everything but A-Z a-z 0-9 - . _ ~ (RFC 3986 unreserved), in upper-case hex.
 * encodeURIComponent leaves five characters more alone.
 */
export function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The same with slashes kept, as in a canonical path or a URL-encoded listing. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeRfc3986).join('/');
}

/** Throws InvalidURI where the text is no valid percent-encoded UTF-8. */
export function decodeUri(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidURI');
  }
}

/** The decoded parameters of a raw query string, in the order sent; `+` is a space, a bare name has the empty value. */
export function parseQuery(rawQuery: string): [name: string, value: string][] {
  return rawQuery.split('&').filter((pair) => pair !== '').map((pair) => {
    const equals = pair.indexOf('=');
    const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    return [decodeUri(name.replaceAll('+', ' ')), decodeUri(value.replaceAll('+', ' '))];
  });
}
