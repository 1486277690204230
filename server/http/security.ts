import { isIP } from 'node:net';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { Problem } from './problem';

/** Whether a page of this origin may ask for this path, though it is another site's. */
export type IsTrustedOrigin = (origin: string, path: string) => boolean;

const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

export const isLoopback = (host: string): boolean =>
  LOOPBACK_NAMES.includes(host) || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/**
 * A server for this machine answers only under names of this machine, so that a page elsewhere cannot reach it by
 * pointing a name of its own here (DNS rebinding).
 */
export function loopbackHostsOnly(publicUrl: string): RequestHandler {
  const allowed = [...LOOPBACK_NAMES, new URL(publicUrl).hostname];
  return (request, _response, next) => {
    const { host = '' } = request.headers;
    const hostname = host.replace(/:\d+$/, '').toLowerCase();
    if (!allowed.includes(hostname)) throw new Problem('HOST_NOT_ALLOWED', `use ${publicUrl}`);
    next();
  };
}

/**
 * Leads pages that are asked for under another name of this machine to the public address. The browser takes
 * `localhost` and `127.0.0.1` for two sites, and the storage lets only the public one load scenes. Another port is left
 * as it is: somebody has forwarded it, and could not follow.
 */
export function atPublicAddress(publicUrl: string): RequestHandler {
  const { host, hostname } = new URL(publicUrl);
  const port = host.slice(hostname.length);
  const siblings = isLoopback(hostname) ? LOOPBACK_NAMES.map((name) => `${name}${port}`) : [];
  return (request, response, next) => {
    const asked = request.headers.host?.toLowerCase() ?? '';
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (reads && asked !== host && siblings.includes(asked)) response.redirect(302, publicUrl + request.originalUrl);
    else next();
  };
}

/** An origin and, where it is one of this machine, the same under its other names. */
export function namesOfThisMachine(origin: string): readonly string[] {
  const { protocol, hostname, port } = new URL(origin);
  return isLoopback(hostname)
    ? LOOPBACK_NAMES.map((name) => `${protocol}//${name}${port === '' ? '' : `:${port}`}`)
    : [origin];
}

/** Pages of other sites may not start, change or erase jobs. Programs send no Origin and are not meant. */
export function sameOriginWrites(publicUrl: string, isTrusted: IsTrustedOrigin): RequestHandler {
  const publicOrigin = new URL(publicUrl).origin;
  return (request, _response, next) => {
    const { origin, host = '' } = request.headers;
    const site = request.headers['sec-fetch-site'];
    const reads = request.method === 'GET' || request.method === 'HEAD';
    const own =
      origin === undefined || origin === publicOrigin || origin === `http://${host}` || origin === `https://${host}`;
    const trusted = origin !== undefined && isTrusted(origin, request.path);
    if (!reads && !trusted && (!own || site === 'cross-site'))
      throw new Problem('CROSS_ORIGIN', `use the page at ${publicUrl}, or a program such as curl`);
    next();
  };
}

/**
 * Headers of all pages. `storageOrigin` is where signed links lead: posters and files of scenes come
 * from there, and photos go there. `mapOrigins` is where maps get their tiles. Scenes are decoded in workers, some of which their libraries make of blobs.
 */
export const pageHeaders = (storageOrigin: string, mapOrigins: readonly string[]): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'blob:', 'data:', storageOrigin, ...mapOrigins],
        connectSrc: ["'self'", storageOrigin, ...mapOrigins],
        workerSrc: ["'self'", 'blob:'],
        fontSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        objectSrc: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: false, // the proxy that ends TLS sets it
  });
