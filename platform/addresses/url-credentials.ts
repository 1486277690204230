/** What ends the user name and password before their `@`, and how each is written instead (RFC 3986 section 3.2.1). */
const DELIMITERS: Readonly<Record<string, string>> = { '/': '%2F', '?': '%3F', '#': '%23' };

/**
 * What must be written in another way in the user name and password of an address; null where there is nothing. The
 * sentence never repeats the address.
 * @param rest the address behind its `scheme://`
 */
export function credentialsProblem(rest: string): string | null {
  const credentials = rest.slice(0, Math.max(0, rest.lastIndexOf('@')));
  const written = Object.entries(DELIMITERS).filter(([character]) => credentials.includes(character));
  if (!isPercentEncoded(credentials)) written.push(['%', '%25']);
  if (written.length === 0) return null;
  const how = written.map(([character, code]) => `${character} as ${code}`).join(', ');
  return `has characters in its user name or password that mean something else there: write ${how}`;
}

export function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
