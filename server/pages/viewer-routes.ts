import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express, { Router, type RequestHandler } from 'express';
import { viewerHeaders, type InlineHashes } from '../http/security';
import { VIEWER_FOLDER } from '../http/static-files';

/**
 * supersplat-viewer as its package ships it, under headers of its own: its inline blocks are allowed by their hashes,
 * so that nothing else inline runs. `?content=` must be of this server or of the storage.
 */
export function viewerRoutes(storageOrigin: string): Router {
  const router = Router();
  let headers: Promise<RequestHandler> | null = null;
  router.use(async (request, response, next) => {
    headers ??= readFile(join(VIEWER_FOLDER, 'index.html'), 'utf8').then((page) =>
      viewerHeaders(storageOrigin, inlineHashes(page)),
    );
    (await headers)(request, response, next);
  });
  router.use(express.static(VIEWER_FOLDER, { maxAge: '1h' }));
  return router;
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
