import { createServer, type Server } from 'node:http';
import express, { type ErrorRequestHandler, type Response } from 'express';
import type { Logger } from 'pino';
import type { MessageFolder, MessageSummary } from './message-folder';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** A mail's HTML comes from anywhere: no scripts, no origin, nothing fetched. Its links still work. */
const MAIL_POLICY = `sandbox allow-popups allow-popups-to-escape-sandbox; img-src data:; ${PAGE_POLICY}`;

/**
 * What the sink has received, over HTTP, read only:
 *
 *     GET /                    the last messages, for people
 *     GET /messages?limit=50   the same as JSON: [{id, to, from, subject, date, size}], newest first, limit 1 to 500
 *     GET /messages/:id        the raw .eml
 *     GET /messages/:id/html   its HTML part, sandboxed
 */
export function createMailPages(messages: MessageFolder, logger: Logger): Server {
  const app = express();
  app.disable('x-powered-by');
  app.use((request, response, next) => {
    response.set({
      'content-security-policy': PAGE_POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    const port = request.socket.localPort;
    // DNS rebinding: a page of another site must not read mail through a name of its own.
    if (![`127.0.0.1:${port}`, `localhost:${port}`].includes(request.headers.host ?? ''))
      say(response, 403, 'This Host is not served here.');
    else if (!['GET', 'HEAD'].includes(request.method)) say(response, 405, 'Only GET and HEAD are served.');
    else next();
  });
  app.get('/', async (_request, response) => response.send(listPage(await messages.list(DEFAULT_LIMIT))));
  app.get('/messages', async ({ query }, response) => {
    const limit = Number(query.limit ?? DEFAULT_LIMIT);
    if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) response.json(await messages.list(limit));
    else say(response, 400, `limit must be an integer from 1 to ${MAX_LIMIT}.`);
  });
  app.get('/messages/:id', async ({ params }, response) => {
    const raw = await messages.raw(params.id);
    if (raw) response.type('text/plain').send(raw);
    else say(response, 404, 'No such message.');
  });
  app.get('/messages/:id/html', async ({ params }, response) => {
    const html = await messages.html(params.id);
    if (html === undefined) say(response, 404, 'No such message, or it has no HTML part.');
    else response.set('content-security-policy', MAIL_POLICY).send(html);
  });
  app.use((_request, response) => say(response, 404, 'No such page.'));
  app.use(((error: unknown, { url }, response, _next) => {
    logger.error({ error, url }, 'request failed');
    say(response, 500, 'The mail sink failed; its log has the cause.');
  }) satisfies ErrorRequestHandler);
  // As long as the server's, so that no request meets a connection that is being closed.
  return createServer({ keepAliveTimeout: 75_000 }, app);
}

const say = (response: Response, status: number, text: string): unknown =>
  response.status(status).type('text/plain').send(text);

const HEADINGS = '<tr><th>Arrived</th><th>From</th><th>To</th><th>Subject</th><th>Source</th></tr>';

function listPage(messages: readonly MessageSummary[]): string {
  const rows = messages.map(
    ({ id, to, from, subject, date, size }) =>
      `<tr><td>${escapeHtml(date)}</td><td>${escapeHtml(from)}</td><td>${escapeHtml(to.join(', '))}</td>` +
      `<td><a href="/messages/${id}/html">${escapeHtml(subject === '' ? '(no subject)' : subject)}</a></td>` +
      `<td><a href="/messages/${id}">${size} bytes</a></td></tr>`,
  );
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Mail on this machine</title>
<style>body{font:16px/1.5 system-ui,sans-serif;margin:2rem}table{border-collapse:collapse}
td,th{padding:.3rem .8rem;text-align:left;border-bottom:1px solid #ccc}</style>
<h1>Mail on this machine</h1>
<p>Messages are kept here and go nowhere else.</p>
${rows.length === 0 ? '<p>None yet.</p>' : `<table>${HEADINGS}\n${rows.join('\n')}\n</table>`}
</html>
`;
}

function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
