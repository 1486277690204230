/** What the service worker looks at of a request. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  /** `navigate` for a page. */
  readonly mode: string;
}

/** Where photos are posted that another app shares (`share_target` of the manifest). */
export const SHARE_PATH = '/new';
/** Where the page finds shared photos, in a cache of this name. */
export const SHARED_CACHE = 'shared-photos';
export const SHARED_PARAMETER = 'shared';

/**
 * Who answers a request: `shared` = photos that come in; `file` = a file of the application, whose name says what is in
 * it; `page` = one of its pages; `network` = it is none of the service worker's business: the API, streams of events,
 * the storage, and what the server writes itself.
 */
export type Answerer = 'shared' | 'file' | 'page' | 'network';

/** Beginnings of paths under which the server writes pages itself. */
const SERVERS_OWN = /^\/(v1|docs|assets|s|embed|sign-in|healthz|readyz|start-job)(\/|$)/;
/** As the server keeps for a year (server/pages/web-app.ts). */
const HASHED = /^\/app\/.*-[\w-]{8}\.[\w.]+$/;

export function answererOf({ method, url, mode }: SeenRequest, origin: string): Answerer {
  const { origin: asked, pathname } = new URL(url);
  if (asked !== origin || SERVERS_OWN.test(pathname)) return 'network';
  if (method === 'POST' && mode === 'navigate' && pathname === SHARE_PATH) return 'shared';
  if (method !== 'GET') return 'network';
  if (mode === 'navigate') return 'page';
  return HASHED.test(pathname) ? 'file' : 'network';
}
