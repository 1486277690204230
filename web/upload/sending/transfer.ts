import AwsS3 from '@uppy/aws-s3';
import Uppy from '@uppy/core';
import { ApiProblem } from '../../api/problem';
import type { ChosenFile } from '../files/chosen-files';
import { persistently, waitMs, type Wait } from './persistence';
import { partSize, WHOLE_FILE_BYTES } from './part-size';
import { TransferFailure } from './transfer-failure';
import type { SignedRequest, SignRequest } from './upload-api';

/** A file that is to be sent. */
export interface Sent {
  /** Its name in the manifest. */
  readonly name: string;
  readonly file: ChosenFile;
  /** Where it is under way in parts from before; null begins anew. */
  readonly begun: { readonly uploadId: string; readonly key: string } | null;
}

export interface TransferNews {
  /** Of these files, parts that are on their way included. */
  readonly bytes: number;
  /** That are there. */
  readonly files: number;
  /** The network is away, and it is tried again by itself. */
  readonly isAway: boolean;
}

export interface Transfer {
  /** Resolves when all files are there. Rejects with ApiProblem, TransferFailure or AbortError. */
  readonly done: Promise<void>;
  pause(): void;
  resume(): void;
}

const FILES_AT_ONCE = 4;
/** What fails is told in the page. */
const SILENT = { debug: () => undefined, warn: () => undefined, error: () => undefined };
/** Rounds in which the storage refused files, though it can be reached. */
const MAX_REFUSALS = 3;

/**
 * Sends files straight to the storage, four at once. What breaks is tried again for as long as the network is away; a
 * file in parts goes on where it was.
 */
export function startTransfer(
  files: readonly Sent[],
  {
    sign,
    wait,
    signal,
    onNews,
  }: {
    sign(request: SignRequest): Promise<SignedRequest>;
    readonly wait: Wait;
    readonly signal: AbortSignal;
    onNews(news: TransferNews): void;
  },
): Transfer {
  const sent = new Map<string, number>();
  const arrived = new Set<string>();
  let isAway = false;
  let refused: ApiProblem | null = null;
  let paused: PromiseWithResolvers<void> | null = null;
  const tell = (): void =>
    onNews({ bytes: [...sent.values()].reduce((sum, bytes) => sum + bytes, 0), files: arrived.size, isAway });
  const onAway = (away: boolean): void => {
    if (away === isAway) return;
    isAway = away;
    tell();
  };

  const uppy = new Uppy<{ path: string; relativePath: string }>({ logger: SILENT });
  uppy.use(AwsS3, {
    limit: FILES_AT_ONCE,
    shouldUseMultipart: ({ size }) => (size ?? 0) > WHOLE_FILE_BYTES,
    getChunkSize: ({ size }) => partSize(size),
    generateObjectKey: ({ meta }) => (typeof meta['path'] === 'string' ? meta['path'] : ''),
    signRequest: async (request) => {
      try {
        const { url, key, headers } = await persistently(() => sign(request as SignRequest), { wait, signal, onAway });
        return headers === undefined ? { url, key } : { url, key, headers };
      } catch (error) {
        if (error instanceof ApiProblem) refused = error;
        throw error;
      }
    },
  });
  uppy.on('upload-progress', (file, { bytesUploaded }) => {
    if (file === undefined) return;
    sent.set(file.id, typeof bytesUploaded === 'number' ? bytesUploaded : 0);
    isAway = false;
    tell();
  });
  uppy.on('upload-success', (file) => {
    if (file === undefined) return;
    sent.set(file.id, file.size ?? 0);
    arrived.add(file.id);
    tell();
  });
  uppy.on('upload-error', (file) => {
    // What was sent of a whole file is lost; parts are told again when it goes on.
    if (file !== undefined) sent.delete(file.id);
    tell();
  });

  const contents = new Map<string, Sent>();
  for (const one of files) {
    const meta = { path: one.name, relativePath: one.name };
    const id = uppy.addFile({ name: one.name.split('/').at(-1) ?? one.name, data: one.file.content, meta });
    contents.set(id, one);
    if (one.begun !== null) uppy.setFileState(id, { s3Multipart: one.begun });
  }

  const run = async (): Promise<void> => {
    let refusals = 0;
    for (let failures = 0; ; failures += 1) {
      const before = arrived.size;
      const result = await (failures === 0 ? uppy.upload() : uppy.retryAll());
      signal.throwIfAborted();
      const failed = result?.failed ?? [];
      if (failed.length === 0) return;
      if (refused !== null) throw refused;
      for (const { id } of failed) await checkReadable(contents.get(id));
      const [first] = failed;
      // Words of Uppy's client where the storage has answered; else it was not reached.
      if (arrived.size === before && /^S3 returned 4/.test(first?.error ?? '')) refusals += 1;
      if (refusals >= MAX_REFUSALS)
        throw new TransferFailure('storage refuses', contents.get(first?.id ?? '')?.name ?? '');
      if (arrived.size > before) failures = 0;
      onAway(true);
      await wait(waitMs(failures), signal);
      if (paused !== null) await paused.promise;
      signal.throwIfAborted();
    }
  };

  const abort = (): void => void uppy.cancelAll();
  signal.addEventListener('abort', abort, { once: true });
  const done = run().finally(() => {
    signal.removeEventListener('abort', abort);
    paused?.resolve();
    uppy.destroy();
  });
  tell();
  return {
    done,
    pause() {
      paused ??= Promise.withResolvers();
      uppy.pauseAll();
    },
    resume() {
      paused?.resolve();
      paused = null;
      uppy.resumeAll();
    },
  };
}

/** Throws TransferFailure for a file that was moved, changed or whose card was taken out: no try helps any more. */
async function checkReadable(sent: Sent | undefined): Promise<void> {
  if (sent === undefined) return;
  try {
    await sent.file.content.slice(0, 1).arrayBuffer();
  } catch {
    throw new TransferFailure('file is gone', sent.name);
  }
}
