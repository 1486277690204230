import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

const MAX_LENGTH = 254; // RFC 5321 section 4.5.3.1.3, less the angle brackets
const MAX_LOCAL_LENGTH = 64; // RFC 5321 section 4.5.3.1.1
/** RFC 5322's atext, and letters beyond ASCII (RFC 6531). */
const ATOM = String.raw`[A-Za-z0-9!#$%&'*+/=?^_\x60{|}~\u{80}-\u{10ffff}-]+`;
const DOT_STRING = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`, 'u');
/** Printable ASCII in quotes; quotes and backslashes behind a backslash. */
const QUOTED_STRING = /^"(?:[ !#-[\]-~]|\\[ -~])*"$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

/**
 * Whether a text is one mailbox as RFC 5321 section 4.1.2 writes it, without a name: the domain in letters, in
 * punycode, or an address in brackets. A domain of one label is refused: no mail leaves for it.
 */
export function isOneMailAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  const [local, domain] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || Buffer.byteLength(local) > MAX_LOCAL_LENGTH) return false;
  if (hasInvisible(local) || !(DOT_STRING.test(local) || QUOTED_STRING.test(local))) return false;
  const literal = /^\[(?:IPv6:)?([^\]]+)\]$/i.exec(domain)?.[1];
  if (literal !== undefined) return isIP(literal) === (/^\[IPv6:/i.test(domain) ? 6 : 4);
  // What it makes of a text with other delimiters is the host of an address, and no domain any more.
  const ascii = /[\s/?#:@[\]\\%]/.test(domain) ? '' : domainToASCII(domain);
  const labels = ascii.split('.');
  const isDomain = labels.length > 1 && isIP(ascii) === 0 && labels.every((label) => LABEL.test(label));
  return isDomain && Buffer.byteLength(local) + 1 + ascii.length <= MAX_LENGTH;
}

/** Control characters, separators of lines and marks of direction, which would hide in a header or on a page. */
const hasInvisible = (text: string): boolean => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(text);
