import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
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
  return createServer((incoming, response) => {
    answer(incoming, messages)
      .catch((error: unknown): Answer => {
        logger.error({ error, url: incoming.url }, 'request failed');
        return text(500, 'The mail sink failed; its log has the cause.');
      })
      .then((result) => send(incoming, response, result))
      .catch(() => response.destroy());
  });
}

interface Answer {
  status: number;
  type: string;
  body: string | Buffer;
  policy?: string;
}

async function answer(incoming: IncomingMessage, messages: MessageFolder): Promise<Answer> {
  const port = incoming.socket.localPort;
  // DNS rebinding: a page of another site must not read mail through a name of its own.
  if (![`127.0.0.1:${port}`, `localhost:${port}`].includes(incoming.headers.host ?? ''))
    return text(403, 'This Host is not served here.');
  if (incoming.method !== 'GET' && incoming.method !== 'HEAD') return text(405, 'Only GET and HEAD are served.');
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  if (pathname === '/')
    return { status: 200, type: 'text/html; charset=utf-8', body: listPage(await messages.list(DEFAULT_LIMIT)) };
  if (pathname === '/messages') return listJson(messages, searchParams.get('limit'));
  const [, id, part] = /^\/messages\/([^/]+)(\/html)?$/.exec(pathname) ?? [];
  if (id === undefined) return text(404, 'No such page.');
  if (part === undefined) {
    const raw = await messages.raw(id);
    return raw ? { status: 200, type: 'text/plain; charset=utf-8', body: raw } : text(404, 'No such message.');
  }
  const html = await messages.html(id);
  return html === undefined
    ? text(404, 'No such message, or it has no HTML part.')
    : { status: 200, type: 'text/html; charset=utf-8', body: html, policy: MAIL_POLICY };
}

async function listJson(messages: MessageFolder, limitText: string | null): Promise<Answer> {
  const limit = limitText === null ? DEFAULT_LIMIT : Number(limitText);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    return text(400, `limit must be an integer from 1 to ${MAX_LIMIT}.`);
  return { status: 200, type: 'application/json', body: JSON.stringify(await messages.list(limit)) };
}

function send(incoming: IncomingMessage, response: ServerResponse, { status, type, body, policy }: Answer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'content-security-policy': policy ?? PAGE_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  response.end(incoming.method === 'HEAD' ? undefined : body);
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body };
}

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
