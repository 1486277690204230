/**
 * Percent-encodes as SigV4 demands: everything but A-Z a-z 0-9 - . _ ~ (RFC 3986 unreserved), in upper-case hex.
 * encodeURIComponent leaves five characters more alone.
 */
export function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The same with slashes kept, as in a canonical path or a URL-encoded listing. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeRfc3986).join('/');
}
