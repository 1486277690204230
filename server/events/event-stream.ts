import type { Request, Response } from 'express';
import type { Streaming } from './streaming';

/** What a stream tells, taken by its writer whenever there is room. */
export interface Source {
  /** Takes the next piece, which may be made for this moment; null where there is none now. */
  next(): readonly (string | Buffer)[] | null;
  /** Whether nothing follows what `next` gives. */
  readonly isOver: boolean;
  /** `ready` is to be called whenever `next` may have something again, or the source is over. */
  onReady(ready: () => void): void;
  /** Nobody listens any more. */
  close(): void;
}

/** What a listener has not taken yet, beside one piece: as much again may lie with the kernel. */
const MAX_BACKLOG_BYTES = 16 * 1024;
/** How long browsers wait before they come again. */
const RETRY_MS = 2000;

/**
 * Answers with server-sent events (HTML standard, 9.2) from a source until one side ends it. Nothing is taken from the
 * source while the listener does not read. Returns the function that ends the stream from here: listeners come again.
 */
export function sendEvents(
  request: Request,
  response: Response,
  source: Source,
  { commentMs, stallMs, lifeMs }: Streaming,
): () => void {
  if (response.closed) {
    source.close(); // the listener has left while its stream was prepared
    return () => undefined;
  }
  let lastTakenMs = performance.now();
  const isFull = (): boolean => response.writableLength > MAX_BACKLOG_BYTES;
  const isOpen = (): boolean => !response.writableEnded && !response.destroyed;
  const taken = (): void => {
    lastTakenMs = performance.now();
    pump();
  };
  const pump = (): void => {
    while (isOpen() && !isFull()) {
      const piece = source.next();
      if (piece === null) break;
      response.cork();
      piece.forEach((part, index) => response.write(part, index === piece.length - 1 ? taken : undefined));
      response.uncork();
    }
    if (source.isOver && !isFull()) end();
  };
  const beat = setInterval(() => {
    if (isOpen() && response.writableLength === 0)
      response.write(': listening\n\n', () => (lastTakenMs = performance.now()));
    else if (performance.now() - lastTakenMs > stallMs) response.destroy();
  }, commentMs);
  const life = setTimeout(() => end(), lifeMs * (1 + Math.random() / 5));
  const end = (): void => {
    if (isOpen()) response.end();
  };
  response.on('close', () => {
    clearInterval(beat);
    clearTimeout(life);
    source.close();
  });

  request.socket.setNoDelay(true);
  response.writeHead(200, EVENT_STREAM_HEADERS);
  response.write(`retry: ${RETRY_MS}\n\n`);
  source.onReady(pump);
  pump();
  return end;
}

/** Nothing on the way keeps, holds back or compresses what is told; the connection ends with the stream. */
export const EVENT_STREAM_HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
  Connection: 'close',
} as const;
