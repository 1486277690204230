import { domainToASCII } from 'node:url';
import type { FieldProblem, Parsed } from '../../contracts/messages/parsed';
import { credentialsProblem, isPercentEncoded } from './url-credentials';

/** A mail server as nodemailer's SMTP transport takes it. */
export interface MailServer {
  readonly host: string;
  /** Not set = the usual port of the scheme. */
  readonly port?: number;
  /** TLS from the first byte on; without it STARTTLS is used where the server offers it. */
  readonly secure: boolean;
  readonly auth?: { readonly user: string; readonly pass: string };
  readonly tls?: Readonly<Record<string, string | boolean>>;
  readonly [option: string]: unknown;
}

type OptionKind = 'yes or no' | 'number' | 'text' | 'http address';

/** Options of nodemailer's SMTP transport that may follow the address, as in `?requireTLS=true`. */
const OPTIONS: Readonly<Record<string, OptionKind>> = {
  requireTLS: 'yes or no',
  ignoreTLS: 'yes or no',
  opportunisticTLS: 'yes or no',
  'tls.rejectUnauthorized': 'yes or no',
  'tls.servername': 'text',
  'tls.minVersion': 'text',
  'tls.maxVersion': 'text',
  'tls.ciphers': 'text',
  authMethod: 'text',
  name: 'text',
  localAddress: 'text',
  proxy: 'http address',
  pool: 'yes or no',
  maxConnections: 'number',
  maxMessages: 'number',
  connectionTimeout: 'number',
  greetingTimeout: 'number',
  socketTimeout: 'number',
  dnsTimeout: 'number',
};

const YES_OR_NO: Readonly<Record<string, boolean>> = { true: true, false: false, 1: true, 0: false };
const CONTROL = /[\u0000-\u001f\u007f]/;
/**
 * Reads `smtp://host:port` or `smtps://user:password@host`. Problems have no field, and never repeat any part of the
 * address but the name of an unknown option: there may be a password in it.
 *
 * By the rules of WHATWG and not by nodemailer's own, which fall back to `url.parse` and let Node print the whole
 * address, password included, in a deprecation warning.
 */
export function parseMailUrl(given: string): Parsed<MailServer> {
  const text = given.trim();
  const scheme = /^smtps?:\/\//i.exec(text)?.[0].toLowerCase();
  if (scheme === undefined) return refused('must begin with smtp:// or smtps://');
  if (CONTROL.test(text)) return refused('must not hold a line break, a tab or another control character');
  const credentials = credentialsProblem(text.slice(scheme.length));
  if (credentials !== null) return refused(credentials);
  const url = URL.parse(text);
  const host = url === null ? '' : hostOf(url);
  if (url === null || host === '')
    return refused('must name a host, and a port from 1 to 65535 if any, as in smtps://user:password@mail.example.com');

  const problems: FieldProblem[] = [];
  const add = (message: string): void => void problems.push({ field: '', message });
  if (url.port === '0') add('must name a port from 1 to 65535, or none');
  if (url.pathname !== '' && url.pathname !== '/') add('must not have a path behind the host');
  if (url.hash !== '') add('must not have a # behind the host');
  if (url.username === '' && url.password !== '') add('has a password but no user name');
  const options = optionsOf(url.searchParams, add);
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    value: {
      host,
      secure: scheme === 'smtps://',
      ...(url.port !== '' && { port: Number(url.port) }),
      ...(url.username !== '' && {
        auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
      }),
      ...options,
    },
  };
}

const refused = (message: string): Parsed<never> => ({ ok: false, problems: [{ field: '', message }] });

/** The host as a socket takes it: an IPv6 address without brackets, a name in ASCII; '' where it is none. */
function hostOf({ hostname }: URL): string {
  if (hostname.startsWith('[')) return hostname.slice(1, -1);
  return isPercentEncoded(hostname) ? domainToASCII(decodeURIComponent(hostname)) : '';
}

/** The options behind `?`, those of `tls.` in an object of their own; `add` takes what is wrong with them. */
function optionsOf(query: URLSearchParams, add: (message: string) => void): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  const tls: Record<string, unknown> = {};
  for (const [name, text] of query) {
    const kind = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (kind === undefined) {
      add(`has the unknown option ${JSON.stringify(name.slice(0, 40))}; known are ${Object.keys(OPTIONS).join(', ')}`);
      continue;
    }
    const value = optionValue(kind, text);
    if (value === null) add(`must give the option ${name} ${WANTED[kind]}`);
    else if (name.startsWith('tls.')) tls[name.slice('tls.'.length)] = value;
    else options[name] = value;
  }
  return Object.keys(tls).length === 0 ? options : { ...options, tls };
}

const WANTED: Readonly<Record<OptionKind, string>> = {
  'yes or no': 'as true or false',
  number: 'as a whole number above 0',
  text: 'a value',
  'http address': 'as http://host:port, percent-encoded',
};

function optionValue(kind: OptionKind, text: string): string | number | boolean | null {
  switch (kind) {
    case 'yes or no':
      return YES_OR_NO[text] ?? null;
    case 'number':
      return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;
    case 'text':
      return text === '' ? null : text;
    case 'http address':
      return /^https?:\/\//i.test(text) && URL.canParse(text) ? text : null;
  }
}
