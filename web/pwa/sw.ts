/**
 * The service worker: the application opens without a network, its files come from a cache, and photos that another app
 * shares are taken in. It never touches the API or streams of events.
 */
import { answererOf, SHARE_PATH, SHARED_CACHE, SHARED_PARAMETER } from './requests';

/** What the build writes in: the files that every page needs, and a name that changes with any of them. */
declare const SHELL_FILES: readonly string[];
declare const SHELL_VERSION: string;

/** What is used of ServiceWorkerGlobalScope: its types and those of windows exclude each other. */
interface WorkerScope {
  readonly location: { readonly origin: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: LongEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
}
interface LongEvent {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends LongEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

const scope = self as unknown as WorkerScope;
const CACHE = `shell-${SHELL_VERSION}`;
/** Under which the one document of all pages is kept. */
const DOCUMENT = '/new';

scope.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll(SHELL_FILES);
      await page(new Request(DOCUMENT)).catch(() => null); // somebody who is not signed in gets none
      await scope.skipWaiting();
    })(),
  );
});

scope.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      const old = (await caches.keys()).filter((name) => name !== CACHE && name !== SHARED_CACHE);
      await Promise.all(old.map((name) => caches.delete(name)));
      await scope.clients.claim();
    })(),
  );
});

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  switch (answererOf(request, scope.location.origin)) {
    case 'shared':
      return event.respondWith(received(request));
    case 'file':
      return event.respondWith(file(request));
    case 'page':
      return event.respondWith(page(request));
    case 'network':
      return;
  }
});

/** From the cache: a file of that name never changes. */
async function file(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}

/** From the server, so that a new version is there at once; the last one where there is no network. */
async function page(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    // All pages have one document. Who is led elsewhere was not signed in; what is not ok is a problem.
    if (response.ok && !response.redirected) await cache.put(DOCUMENT, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(DOCUMENT);
    if (kept === undefined) throw error;
    return kept;
  }
}

/** Keeps shared photos until the page takes them, and leads there. */
async function received(request: Request): Promise<Response> {
  const photos = (await request.formData()).getAll('photos').filter((part) => part instanceof File);
  const cache = await caches.open(SHARED_CACHE);
  for (const [index, photo] of photos.entries()) {
    const headers = { 'x-name': encodeURIComponent(photo.name), 'x-modified': String(photo.lastModified) };
    await cache.put(`${SHARE_PATH}/${index}`, new Response(photo, { headers }));
  }
  return Response.redirect(`${SHARE_PATH}?${SHARED_PARAMETER}`, 303);
}
