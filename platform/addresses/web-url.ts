/**
 * Why a setting is not the address of a server or a site, `http://host:port` or `https://host/path`; null when it is.
 * The message never repeats the address: it may hold what should not be printed.
 */
export function webUrlProblem(given: string): string | null {
  const text = given.trim();
  if (!/^https?:\/\/[^/?#\\]/i.test(text)) return 'must be an address such as https://host.example or http://host:8080';
  if (/[\u0000-\u0020\u007f]/.test(text)) return 'must not hold blanks or control characters';
  // Also where a "/" in a password ends the host too early: what follows looks like a path then.
  if (text.includes('@'))
    return 'must not hold a user name or password: it stands in links and logs (an @ that belongs to a path is %40)';
  const url = URL.parse(text);
  if (url === null) return 'must name a host, and a port from 1 to 65535 if any';
  return url.search === '' && url.hash === '' ? null : 'must end with host, port or path, without ? and #';
}
