import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express, { Router, type RequestHandler } from 'express';
import { viewerHeaders, type InlineHashes } from '../http/security';
import { VIEWER_FOLDER } from '../http/static-files';

/** Beside the viewer's own: a word where a scene does not appear, no bar for an animation that is not there. */
const OURS = `<link rel="stylesheet" href="/assets/viewer.css">
<script src="/assets/viewer.js" type="module"></script>
`;
const END_OF_HEAD = '</head>';

/**
 * supersplat-viewer as its package ships it, with a script and a style sheet of ours, under headers of its own: its
 * inline blocks are allowed by their hashes, so that nothing else inline runs. `?content=` must be of this server or of
 * the storage.
 */
export function viewerRoutes(storageOrigin: string): Router {
  const router = Router();
  let prepared: Promise<{ page: string; headers: RequestHandler }> | null = null;
  router.use(async (request, response, next) => {
    prepared ??= viewerPage().then((page) => ({ page, headers: viewerHeaders(storageOrigin, inlineHashes(page)) }));
    const { headers } = await prepared;
    headers(request, response, next);
  });
  router.get(['/', '/index.html'], async (_request, response) => {
    response
      .type('html')
      .set('Cache-Control', 'public, max-age=3600')
      .send((await prepared)?.page);
  });
  router.use(express.static(VIEWER_FOLDER, { maxAge: '1h', index: false }));
  return router;
}

/** Our script comes after the viewer's inline one, which begins to load, and before that which draws. */
async function viewerPage(): Promise<string> {
  const page = await readFile(join(VIEWER_FOLDER, 'index.html'), 'utf8');
  if (!page.includes(END_OF_HEAD)) throw new Error('the page of supersplat-viewer has no head to add to');
  return page.replace(END_OF_HEAD, OURS + END_OF_HEAD);
}

/** The one inline event handler in what index.js builds. */
const EVENT_HANDLER = 'event.stopPropagation()';

const cspHash = (code: string): string => `'sha256-${createHash('sha256').update(code).digest('base64')}'`;

function inlineHashes(page: string): InlineHashes {
  const blocks = (pattern: RegExp): string[] => [...page.matchAll(pattern)].map(([, block = '']) => cspHash(block));
  return {
    scripts: blocks(/<script(?![^>]*\ssrc=)[^>]*>(.*?)<\/script>/gs),
    styles: blocks(/<style[^>]*>(.*?)<\/style>/gs),
    eventHandlers: [cspHash(EVENT_HANDLER)],
  };
}
