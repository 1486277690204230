import { answerOf } from './early';

/** The bytes of a scene, loaded once, for who draws and for who picks. */

export interface Loading {
  /** Rejects where the server or the storage does not give the file. */
  readonly blob: Promise<Blob>;
}

/** @param progressed with the share that has come; null where the size is not told */
export function load(url: string, progressed: (share: number | null) => void, signal: AbortSignal): Loading {
  return { blob: read(url, progressed, signal) };
}

async function read(url: string, progressed: (share: number | null) => void, signal: AbortSignal): Promise<Blob> {
  const response = await answerOf(url, signal);
  if (!response.ok || response.body === null) throw new Error(`the server answered ${response.status}`);
  const total = Number(response.headers.get('content-length') ?? 0);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const reader = response.body.getReader();
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    bytes += value.byteLength;
    progressed(total > 0 ? Math.min(1, bytes / total) : null);
  }
  return new Blob(parts);
}

/** Whether the server and the storage give a file. */
export const isThere = (url: string, signal: AbortSignal): Promise<boolean> =>
  fetch(url, { credentials: 'same-origin', signal }).then(
    ({ ok, body }) => {
      void body?.cancel();
      return ok;
    },
    () => false,
  );
