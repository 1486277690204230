import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Router, type RequestHandler } from 'express';
import type { SharedJob } from '../../contracts/access/share-schema';
import { formatCount } from '../../contracts/job/formats';
import { html, type Markup } from '../../platform/html';
import type { Refuse } from '../access/authenticate';
import { forPeople } from '../http/context';
import { methodNotAllowed, Problem } from '../http/problem';
import { atPublicAddress } from '../http/security';
import type { ShareHolders } from '../shares/holders';

interface SharePageDeps {
  readonly holders: Pick<ShareHolders, 'find' | 'job'>;
  readonly refuse: Refuse;
  /** Of the build of web/. */
  readonly folder: string;
  readonly publicUrl: string;
}

/** The entry of the build that these pages load. */
const ENTRY = 'share/share.ts';
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
      const [job, files] = await Promise.all([holders.job(holder), entryFiles(folder)]);
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
  readonly files: EntryFiles;
  readonly embedded: boolean;
  /** Of the page for people. */
  readonly address: string;
}

function sharePage(job: SharedJob, { files, embedded, address }: Shown): Markup {
  const title = job.name ?? NAMELESS;
  const description = job.photos === null ? 'Look around in it.' : `Made from ${formatCount(job.photos)} photos.`;
  const poster = job.scene.find(({ name }) => name === 'poster.jpg')?.url ?? null;
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
${files.css.map((file) => html`<link rel="stylesheet" href="/${file}">\n`)}<script type="module" src="/${files.script}"></script>
</head>
<body class="${embedded ? 'shared embedded' : 'shared'}">
<div id="app"><main class="shared-shell">
${poster !== null && html`<img src="${poster}" alt="The scene, seen from where it opens">\n`}<h1>${title}</h1>
<p>${description}</p>
</main></div>
<noscript><p>To look around in the scene, JavaScript must be allowed.</p></noscript>
</body>
</html>
`;
}

interface EntryFiles {
  readonly script: string;
  readonly css: readonly string[];
}

/** What the manifest of Vite's build tells of one file. */
interface Chunk {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
}

/** Throws NOT_BUILT where set-up has not made it. */
async function entryFiles(folder: string): Promise<EntryFiles> {
  const text = await readFile(join(folder, '.vite', 'manifest.json'), 'utf8').catch((cause: unknown) => {
    throw new Problem('NOT_BUILT', 'the pages have not been built here: run `npm run setup`', [], { cause });
  });
  const chunks = JSON.parse(text) as Readonly<Record<string, Chunk>>;
  const seen = new Set<string>();
  const stylesOf = (name: string): readonly string[] => {
    if (seen.has(name)) return [];
    seen.add(name);
    const { css = [], imports = [] } = chunks[name] ?? {};
    return [...imports.flatMap(stylesOf), ...css];
  };
  return { script: chunks[ENTRY]?.file ?? '', css: [...new Set(stylesOf(ENTRY))] };
}
