import { credentialsProblem, isPercentEncoded } from './url-credentials';

const SCHEME = /^postgres(?:ql)?:\/\//i;
const BLANK_OR_CONTROL = /[\u0000-\u0020\u007f]/;
const EXAMPLE = 'postgres://user:password@host:5432/database';

/**
 * Why a setting is not the address of a PostgreSQL database, `postgres://user:password@host:5432/database`; null when
 * it is. A socket is `postgres:///database?host=/var/run/postgresql&user=name`. The message never repeats the address:
 * there may be a password in it.
 */
export function databaseUrlProblem(given: string): string | null {
  const text = given.trim();
  const scheme = SCHEME.exec(text)?.[0];
  if (scheme === undefined) return `must begin with postgres:// as in ${EXAMPLE}`;
  if (BLANK_OR_CONTROL.test(text)) return 'must not hold blanks or control characters';
  const credentials = credentialsProblem(text.slice(scheme.length));
  if (credentials !== null) return credentials;
  const url = URL.parse(text);
  if (url === null || url.port === '0') return `must name a host, and a port from 1 to 65535 if any, as in ${EXAMPLE}`;
  if (url.hostname === '' && !url.searchParams.get('host')?.startsWith('/'))
    return `must name a host, or the folder of a socket as ?host=/folder, as in ${EXAMPLE}`;
  if (url.hash !== '') return 'must not have a # behind the database';
  return /^\/[^/]+$/.test(url.pathname) && isPercentEncoded(url.pathname)
    ? null
    : `must name one database behind the host, as in ${EXAMPLE}`;
}
