import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import express, { Router, type RequestHandler, type Response } from 'express';
import { PAGES, type PageName } from '../../contracts/pages/addresses';
import { html } from '../../platform/html';
import { forPeople } from '../http/context';
import { methodNotAllowed, Problem } from '../http/problem';
import { atPublicAddress } from '../http/security';
import { builtFiles } from './built-files';
import { signedInOnly } from './sign-in';

/** Forms in which the build has written a file beside itself, the smallest first. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;
/** A name with a hash of what the file holds, as `main-B0YtjbSf.js`. */
const HASHED = /-[\w-]{8}\.[\w.]+$/;
/** Sources of what pages load when they run: the browser is told at once, so that all of it comes in the same time. */
export const LOADED: Readonly<Record<PageName, readonly string[]>> = {
  jobs: ['jobs/jobs-page.tsx'],
  job: ['job/job-page.tsx'],
  report: ['report/report-page.tsx'],
  photos: ['photos/photos-page.tsx'],
  upload: ['upload/upload-page.tsx'],
  scene: ['scene-page/scene-page.tsx', 'scene/scene.ts'],
  compare: ['scene-page/compare-page.tsx', 'scene/scene.ts'],
  usage: ['account/usage-page.tsx'],
  settings: ['account/settings-page.tsx'],
  signIn: ['account/sign-in-page.tsx'],
};
const SERVICE_WORKER = /[/\\]sw\.js(\.br|\.gz)?$/;

/**
 * Scripts, style sheets and pictures of the web application, which set-up builds from web/: compressed where the
 * browser takes that, and for a year where the name says what is in it.
 * @param folder that of the build; mounted at `/app`
 */
export function webFiles(folder: string): Router {
  const files = join(folder, 'app');
  let names: Promise<ReadonlySet<string>> | null = null;
  const smallest: RequestHandler = async (request, response, next) => {
    names ??= readdir(files, { recursive: true }).then(
      (found) => new Set(found),
      () => new Set(),
    );
    const known = await names;
    const name = request.path.slice(1);
    const form = ENCODINGS.find(([encoding, end]) => known.has(name + end) && request.acceptsEncodings(encoding));
    response.vary('Accept-Encoding');
    if (form !== undefined) {
      response.set('Content-Encoding', form[0]).type(extname(name));
      request.url = `/${name}${form[1]}`;
    }
    next();
  };
  const setHeaders = (response: Response, file: string): void => {
    const isHashed = HASHED.test(file);
    response.set('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'public, max-age=3600');
    // It serves pages, which lie above its own folder, and a new one is to be found at once.
    if (SERVICE_WORKER.test(file)) response.set({ 'Service-Worker-Allowed': '/', 'Cache-Control': 'no-cache' });
  };
  return Router().use(smallest, express.static(files, { index: false, redirect: false, setHeaders }));
}

/**
 * The pages of the web application: one document for all of them, which a browser asks for again each time, so that a
 * new version is there with the next page.
 * @param folder that of the build
 * @param mapStyleUrl of the style of maps, which the document names to its scripts
 */
export function webPages(folder: string, publicUrl: string, mapStyleUrl: string | null): Router {
  const router = Router();
  const document =
    (name: PageName): RequestHandler =>
    async (_request, response) => {
      const [written, loaded] = await Promise.all([webDocument(folder), loadedFiles(folder, LOADED[name])]);
      const more = [
        ...(mapStyleUrl === null ? [] : [html`<meta name="map-style" content="${mapStyleUrl}">`]),
        ...loaded.css.map((file) => html`<link rel="stylesheet" crossorigin href="/${file}">`),
        ...loaded.scripts.map((file) => html`<link rel="modulepreload" crossorigin href="/${file}">`),
      ].join('');
      response
        .set('Cache-Control', 'no-cache')
        .type('html')
        .send(written.replace('</head>', () => `${more}</head>`));
    };
  for (const [name, path] of Object.entries(PAGES) as [PageName, string][])
    router
      .route(path)
      .all(forPeople, atPublicAddress(publicUrl), ...(name === 'signIn' ? [] : [signedInOnly]))
      .get(document(name))
      .all(methodNotAllowed('GET'));
  return router;
}

/** Throws NOT_BUILT where set-up has not made it. */
const webDocument = (folder: string): Promise<string> =>
  readFile(join(folder, 'index.html'), 'utf8').catch((cause: unknown) => {
    throw new Problem('NOT_BUILT', 'the pages have not been built here: run `npm run setup`', [], { cause });
  });

/** Without those that the document loads by itself. */
async function loadedFiles(
  folder: string,
  sources: readonly string[],
): Promise<Readonly<Record<'scripts' | 'css', readonly string[]>>> {
  const built = await builtFiles(folder);
  const document = built('index.html');
  const own = new Set([...document.scripts, ...document.css]);
  const of = (kind: 'scripts' | 'css'): string[] =>
    [...new Set(sources.flatMap((source) => built(source)[kind]))].filter((file) => !own.has(file));
  return { scripts: of('scripts'), css: of('css') };
}
