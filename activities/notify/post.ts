import { lookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { isAllowedHost, type WebhookRules } from '../../contracts/messages/webhook-url';
import { PrivateAddressError, publicLookup } from '../../platform/public-addresses';

const TIMEOUT_MS = 15_000;
const GONE = 410;

/** How a receiver answered; `problem` says in words why an event was not taken. Never holds the address. */
export interface PostOutcome {
  /** Null where there was no answer. */
  readonly statusCode: number | null;
  /** The receiver wants no more events. */
  readonly isGone: boolean;
  readonly problem: string | null;
}

export interface PostDeps {
  readonly rules: Pick<WebhookRules, 'hosts'>;
  /** Longest that a receiver may take to answer. */
  readonly timeoutMs?: number;
  /** How names are resolved; the system's way where it is not given. */
  readonly resolve?: LookupFunction;
}

/**
 * Posts an event to an address that the rules allow; 2xx = taken. Redirects are not followed. Never throws because of
 * the receiver.
 */
export async function postEvent(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  { rules, timeoutMs = TIMEOUT_MS, resolve = lookup }: PostDeps,
  cancelled: AbortSignal,
): Promise<PostOutcome> {
  const options = {
    headers: {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      'User-Agent': 'Spaceport/1',
      ...headers,
    },
    signal: AbortSignal.any([cancelled, AbortSignal.timeout(timeoutMs)]),
    lookup: isAllowedHost(url, rules) ? resolve : publicLookup(resolve),
  };
  try {
    const statusCode = await post(url, options, body);
    if (statusCode >= 200 && statusCode < 300) return { statusCode, isGone: false, problem: null };
    if (statusCode === GONE)
      return { statusCode, isGone: true, problem: `the receiver answered ${GONE}: it wants no more events` };
    const isRedirect = statusCode >= 300 && statusCode < 400;
    const problem = `the receiver answered ${statusCode}${isRedirect ? '; redirects are not followed' : ''}`;
    return { statusCode, isGone: false, problem };
  } catch (error) {
    const problem = `the receiver was not reached: ${unreached(error as Error)}`;
    return { statusCode: null, isGone: false, problem };
  }
}

/** The status of the answer; its body is not read. A connection of its own each time, so that each is looked up. */
function post(
  url: URL,
  options: Pick<https.RequestOptions, 'headers' | 'signal' | 'lookup'>,
  body: string,
): Promise<number> {
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, method: 'POST', agent: false }, (answer) => {
      resolve(answer.statusCode ?? 0);
      answer.destroy();
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Error codes of sockets, names and certificates; their messages would hold the address. */
function unreached(error: Error): string {
  if (error instanceof PrivateAddressError) return error.message;
  if (error.name === 'AbortError') return 'it did not answer in time';
  return (error as NodeJS.ErrnoException).code ?? error.name;
}
