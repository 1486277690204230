import { Router, type RequestHandler } from 'express';
import type { SharedJob } from '../../contracts/access/share-schema';
import { formatCount } from '../../contracts/job/formats';
import { mediaTypeOf } from '../../contracts/storage/layout';
import { POSTERS } from '../../contracts/storage/posters';
import { html, type Markup } from '../../platform/html';
import type { Refuse } from '../access/authenticate';
import { forPeople } from '../http/context';
import { methodNotAllowed } from '../http/problem';
import { atPublicAddress } from '../http/security';
import type { ShareHolders } from '../shares/holders';
import { builtFiles, type BuiltFiles } from './built-files';

interface SharePageDeps {
  readonly holders: Pick<ShareHolders, 'find' | 'job'>;
  readonly refuse: Refuse;
  /** Of the build of web/. */
  readonly folder: string;
  readonly publicUrl: string;
}

/** The entry of the build that these pages load. */
const ENTRY = 'share/share.ts';
/** What draws, which they load when they run: the browser is told at once, so that it comes in the same time. */
const DRAWING = 'scene/scene.ts';
const NAMELESS = 'A scene in 3D';

/**
 * `/s/TOKEN` for people and `/embed/TOKEN` for frames of other pages: a document with the poster and the words that
 * previews of links show, so that something is there before any script, and without one. No search engine may list
 * it. It says only what the link shows.
 */
export function sharePages({ holders, refuse, folder, publicUrl }: SharePageDeps): Router {
  const router = Router();
  const page =
    (embedded: boolean): RequestHandler<{ token: string }> =>
    async (request, response) => {
      const { token } = request.params;
      const holder = (await holders.find(token)) ?? (await refuse(request, response));
      const [job, built] = await Promise.all([holders.job(holder), builtFiles(folder)]);
      const files = { ...built(ENTRY), drawing: built(DRAWING).scripts };
      response
        .set('X-Robots-Tag', 'noindex')
        .type('html')
        .send(sharePage(job, { files, embedded, address: `${publicUrl}/s/${token}` }).toString());
    };
  for (const [path, embedded] of [
    ['/s/:token', false],
    ['/embed/:token', true],
  ] as const) {
    const frames = embedded ? [embeddable] : [];
    router
      .route(path)
      .all(forPeople, atPublicAddress(publicUrl), ...frames)
      .get(page(embedded))
      .all(methodNotAllowed('GET'));
  }
  return router;
}

/** Lets other sites show the page within theirs, which no page else allows. */
const embeddable: RequestHandler = (_request, response, next) => {
  const policy = String(response.getHeader('Content-Security-Policy') ?? '');
  response.set('Content-Security-Policy', policy.replace("frame-ancestors 'none'", 'frame-ancestors *'));
  response.removeHeader('X-Frame-Options');
  next();
};

interface Shown {
  readonly files: BuiltFiles & { readonly drawing: readonly string[] };
  readonly embedded: boolean;
  /** Of the page for people. */
  readonly address: string;
}

function sharePage(job: SharedJob, { files, embedded, address }: Shown): Markup {
  const title = job.name ?? NAMELESS;
  const description = job.photos === null ? 'Look around in it.' : `Made from ${formatCount(job.photos)} photos.`;
  const fileOf = (wanted: string): string | null => job.scene.find(({ name }) => name === wanted)?.url ?? null;
  const poster = fileOf('poster.jpg');
  const smaller = POSTERS.filter((name) => name !== 'poster.jpg').map(
    (name) => [mediaTypeOf(name), fileOf(name)] as const,
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
<meta name="description" content="${description}">
<meta property="og:type" content="website">
<meta property="og:title" content="${title}">
<meta property="og:description" content="${description}">
<meta property="og:url" content="${address}">
${poster !== null && html`<meta property="og:image" content="${poster}">\n`}<meta name="twitter:card" content="summary_large_image">
<link rel="icon" href="/app/icon.svg" type="image/svg+xml">
${files.css.map((file) => html`<link rel="stylesheet" href="/${file}">\n`)}${files.drawing.map((file) => html`<link rel="modulepreload" href="/${file}">\n`)}<script type="module" src="/${files.script}"></script>
</head>
<body class="${embedded ? 'shared embedded' : 'shared'}">
<div id="app"><main class="shared-shell">
${poster !== null && html`<picture>${smaller.map(([type, url]) => url !== null && html`<source type="${type}" srcset="${url}">`)}<img src="${poster}" alt="The scene, seen from where it opens"></picture>\n`}<h1>${title}</h1>
<p>${description}</p>
</main></div>
<noscript><p>To look around in the scene, JavaScript must be allowed.</p></noscript>
</body>
</html>
`;
}
