import { ApiProblem } from '../api/problem';
import type { Report } from './checks/examination';
import { checkPhotos, type Found, type PhotoReport } from './checks/photo-checks';
import { sentFiles, sortFiles, withMore, type ChosenFile, type LeftOutFile } from './files/chosen-files';
import { continuation, manifestOf, suggestedName } from './files/manifest';
import type { RememberedUpload, UploadMemory } from './sending/memory';
import { persistently, type Wait } from './sending/persistence';
import { PaceMeter, type Pace } from './sending/progress';
import { partSize } from './sending/part-size';
import type { Sent, Transfer, TransferNews } from './sending/transfer';
import type { StartRequest, Upload, UploadApi } from './sending/upload-api';

/** What a job is started with, beside its photos. */
export type JobRequest = Omit<StartRequest, 'uploadId' | 's3Url'>;

export type Phase =
  | { readonly name: 'choosing' | 'ready' | 'starting' }
  | { readonly name: 'checking'; readonly done: number; readonly all: number }
  | { readonly name: 'sending'; readonly paused: boolean; readonly isAway: boolean }
  /** What was done stays done: the same button goes on from here. */
  | { readonly name: 'failed'; readonly error: unknown }
  | { readonly name: 'started'; readonly jobId: string };

/** How far an upload is, what arrived before this page included. */
export interface Progress extends Pace {
  readonly bytes: number;
  readonly allBytes: number;
  readonly files: number;
  readonly allFiles: number;
}

/** An upload that waits for files, or for its job. */
export interface Unfinished {
  readonly upload: Upload;
  /** How the chosen files fit it. */
  readonly found: number;
  readonly absent: readonly string[];
}

export interface UploadState {
  readonly phase: Phase;
  /** All that was chosen; photos, archives and files of positions of them are sent. */
  readonly files: readonly ChosenFile[];
  readonly suggestedName: string;
  /** Null while nothing is chosen, or it is being looked at. */
  readonly report: PhotoReport | null;
  readonly unfinished: Unfinished | null;
  readonly progress: Progress | null;
}

export interface SessionDeps {
  readonly api: UploadApi;
  readonly memory: UploadMemory;
  examine(sorted: ReturnType<typeof sortFiles>, report: Report, signal: AbortSignal): Promise<Found>;
  /** Sends files; loaded when it is needed. */
  transfer(files: readonly Sent[], how: TransferDeps): Promise<Transfer>;
  readonly wait: Wait;
  /** 32 characters that nobody else has. */
  randomKey(): string;
  now(): number;
}

export interface TransferDeps {
  sign: (request: Parameters<UploadApi['sign']>[1]) => ReturnType<UploadApi['sign']>;
  readonly wait: Wait;
  readonly signal: AbortSignal;
  onNews(news: TransferNews): void;
}

/** The way from chosen files to a started job, one at a time in a tab. It goes on while other pages are shown. */
export interface UploadSession {
  subscribe(listener: () => void): () => void;
  state(): UploadState;
  /** Looks for an upload that was begun before and has no job yet. */
  recall(): Promise<void>;
  /** Adds files, but not while photos are sent. `unreadable`: paths that the browser could not open. */
  add(files: readonly ChosenFile[], unreadable?: readonly string[]): void;
  /** Takes all chosen files away. */
  clear(): void;
  /** Sends what is missing, then starts the job. A second call while it does changes nothing. */
  send(job: JobRequest): void;
  pause(): void;
  resume(): void;
  /** Removes the unfinished upload, with what has arrived of it, and forgets it. */
  discard(): Promise<void>;
  /** After `started`: the next upload begins anew. */
  reset(): void;
}

const EMPTY: UploadState = {
  phase: { name: 'choosing' },
  files: [],
  suggestedName: '',
  report: null,
  unfinished: null,
  progress: null,
};

export function createUploadSession(deps: SessionDeps): UploadSession {
  const { api, memory } = deps;
  const listeners = new Set<() => void>();
  let state = EMPTY;
  let clashes: readonly LeftOutFile[] = [];
  let unreadable: readonly string[] = [];
  let examining: AbortController | null = null;
  let transfer: Transfer | null = null;
  /** The key of an upload that was asked for and not answered yet: asked again, it is the same upload. */
  let creation: { readonly key: string; readonly files: readonly ChosenFile[] } | null = null;
  const meter = new PaceMeter();

  const set = (changes: Partial<UploadState>): void => {
    state = { ...state, ...changes };
    listeners.forEach((listener) => listener());
  };
  const isBusy = (): boolean => ['sending', 'starting', 'started'].includes(state.phase.name);
  const onAway = (isAway: boolean): void => {
    if (state.phase.name === 'sending') set({ phase: { ...state.phase, isAway } });
  };
  const patiently = <T>(request: () => Promise<T>): Promise<T> =>
    persistently(request, { wait: deps.wait, signal: NEVER, onAway });

  const fitOf = (upload: Upload, files: readonly ChosenFile[]): Unfinished => {
    const { send, absent } = continuation([...upload.missing, ...upload.differing], files);
    return { upload, found: send.length, absent: absent.map(({ name }) => name) };
  };

  const examine = async (): Promise<void> => {
    examining?.abort();
    const sorted = sortFiles(state.files);
    const { signal } = (examining = new AbortController());
    if (state.files.length === 0) return void set({ phase: EMPTY.phase, report: null, suggestedName: '' });
    const all = sorted.photos.length;
    set({
      phase: { name: 'checking', done: 0, all },
      report: null,
      suggestedName: suggestedName(sentFiles(sorted)),
      unfinished: state.unfinished === null ? null : fitOf(state.unfinished.upload, state.files),
    });
    try {
      const report: Report = (done, of) => {
        if (!signal.aborted) set({ phase: { name: 'checking', done, all: of } });
      };
      const found = await deps.examine(sorted, report, signal);
      if (signal.aborted) return;
      const notOpened = unreadable.map((name): LeftOutFile => ({ name, why: 'rule', detail: CANNOT_BE_READ }));
      const leftOut = [...found.leftOut, ...clashes, ...notOpened];
      set({ phase: { name: 'ready' }, report: checkPhotos({ ...found, leftOut }, deps.now()) });
      copies = new Set(
        found.archive === null ? found.photos.flatMap((one) => (one.copyOf === null ? [] : one.name)) : [],
      );
    } catch (error) {
      if (!signal.aborted) set({ phase: { name: 'failed', error } });
    }
  };
  /** Names of photos that are not sent, because another one is the same. */
  let copies: ReadonlySet<string> = new Set();

  const opened = async (name: string | null): Promise<Upload> => {
    if (state.unfinished !== null) return patiently(() => api.get(state.unfinished?.upload.uploadId ?? ''));
    const files = sentFiles(sortFiles(state.files)).filter((file) => !copies.has(file.name));
    if (creation?.files !== state.files) creation = { key: deps.randomKey(), files: state.files };
    const { key } = creation;
    const upload = await patiently(() => api.create(manifestOf(name, files), key));
    creation = null; // an upload that is removed later, or over, is not asked for again
    memory.write({
      uploadId: upload.uploadId,
      name: upload.name ?? '',
      files: upload.announced.files,
      begunAt: new Date(deps.now()).toISOString(),
    });
    return upload;
  };

  /** A file in parts goes on where it was, if its parts were cut as they are cut here. */
  const begunOf = async (upload: Upload, name: string, bytes: number): Promise<Sent['begun']> => {
    const one = upload.inParts.find((file) => file.name === name);
    if (one === undefined) return null;
    const parts = await patiently(() => api.parts(upload.uploadId, one.file, one.multipartId));
    const size = partSize(bytes);
    const isOurs = [...parts].every(([number, length]) => length === Math.min(size, bytes - (number - 1) * size));
    return isOurs ? { uploadId: one.multipartId, key: one.key } : null;
  };

  const sendMissing = async (upload: Upload): Promise<void> => {
    const { send } = continuation([...upload.missing, ...upload.differing], state.files);
    const missing = [...upload.missing, ...upload.differing].reduce((sum, { bytes }) => sum + bytes, 0);
    const before = { bytes: upload.announced.bytes - missing, files: upload.arrived.files };
    const tell = (news: TransferNews): void => {
      const bytes = before.bytes + news.bytes;
      meter.add(bytes, deps.now());
      const all = upload.announced;
      const progress = { bytes, allBytes: all.bytes, files: before.files + news.files, allFiles: all.files };
      set({ progress: { ...progress, ...meter.pace(all.bytes) } });
      if (state.phase.name === 'sending' && state.phase.isAway !== news.isAway) {
        meter.pause();
        onAway(news.isAway);
      }
    };
    tell({ bytes: 0, files: 0, isAway: false });
    if (send.length === 0) return;
    const items: Sent[] = [];
    for (const { awaited, file } of send)
      items.push({ name: awaited.name, file, begun: await begunOf(upload, awaited.name, awaited.bytes) });
    const sign: TransferDeps['sign'] = (request) => api.sign(upload.uploadId, request);
    transfer = await deps.transfer(items, { sign, wait: deps.wait, signal: NEVER, onNews: tell });
    if (state.phase.name === 'sending' && state.phase.paused) transfer.pause();
    await transfer.done;
  };

  const run = async (job: JobRequest): Promise<void> => {
    try {
      set({ phase: { name: 'sending', paused: false, isAway: false } });
      const upload = await opened(job.name ?? null);
      set({ unfinished: fitOf(upload, state.files) });
      if (upload.state === 'open') {
        await sendMissing(upload);
        await patiently(() => api.complete(upload.uploadId));
      }
      set({ phase: { name: 'starting' } });
      const request = { ...job, uploadId: upload.uploadId };
      const jobId = await patiently(() => api.start(request, `upload-${upload.uploadId}`));
      memory.forget();
      set({ phase: { name: 'started', jobId }, unfinished: null });
    } catch (error) {
      await standAfter(error);
      set({ phase: { name: 'failed', error } });
    } finally {
      transfer = null;
      meter.pause();
    }
  };

  /** What is missing after a failure, so that the page can say it; an upload that is gone is forgotten. */
  const standAfter = async (error: unknown): Promise<void> => {
    const { unfinished } = state;
    if (unfinished === null || !(error instanceof ApiProblem)) return;
    if (GONE.includes(error.code)) {
      memory.forget();
      return void set({ unfinished: null, progress: null });
    }
    const upload = await api.get(unfinished.upload.uploadId).catch(() => unfinished.upload);
    set({ unfinished: fitOf(upload, state.files) });
  };

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    state: () => state,
    async recall() {
      const remembered = memory.read();
      if (remembered === null || isBusy() || state.unfinished !== null) return;
      const upload = await recalled(api, remembered);
      if (upload === null) memory.forget();
      else if (upload !== 'unknown' && !isBusy()) set({ unfinished: fitOf(upload, state.files) });
    },
    add(files, notOpened = []) {
      if (isBusy() || files.length + notOpened.length === 0) return;
      const more = withMore(state.files, files);
      clashes = [...clashes, ...more.clashes];
      unreadable = [...unreadable, ...notOpened];
      set({ files: more.files });
      void examine();
    },
    clear() {
      if (isBusy()) return;
      [clashes, unreadable] = [[], []];
      copies = new Set();
      set({ files: [], progress: null });
      if (state.unfinished !== null) set({ unfinished: fitOf(state.unfinished.upload, []) });
      void examine();
    },
    send(job) {
      if (!isBusy()) void run(job);
    },
    pause() {
      if (state.phase.name !== 'sending') return;
      transfer?.pause();
      meter.pause();
      set({ phase: { ...state.phase, paused: true } });
    },
    resume() {
      if (state.phase.name !== 'sending') return;
      transfer?.resume();
      set({ phase: { ...state.phase, paused: false } });
    },
    async discard() {
      const { unfinished } = state;
      if (isBusy() || unfinished === null) return;
      try {
        await api.remove(unfinished.upload.uploadId);
      } catch (error) {
        if (!(error instanceof ApiProblem && GONE.includes(error.code)))
          return void set({ phase: { name: 'failed', error } });
      }
      memory.forget();
      set({ unfinished: null, progress: null });
      if (state.phase.name === 'failed') set({ phase: state.report === null ? EMPTY.phase : { name: 'ready' } });
    },
    reset() {
      [clashes, unreadable, creation] = [[], [], null];
      copies = new Set();
      set(EMPTY);
    },
  };
}

/** Problems of an upload that is not there any more. */
const GONE = ['UPLOAD_NOT_FOUND', 'UPLOAD_EXPIRED'];
const CANNOT_BE_READ = 'cannot be read: it may be a link, or belong to somebody else';
const NEVER = new AbortController().signal;

/** Null for an upload that is gone; `unknown` where nobody answers, or one is not signed in. */
async function recalled(api: UploadApi, { uploadId }: RememberedUpload): Promise<Upload | null | 'unknown'> {
  try {
    const upload = await api.get(uploadId);
    return upload.state === 'expired' ? null : upload;
  } catch (error) {
    return error instanceof ApiProblem && GONE.includes(error.code) ? null : 'unknown';
  }
}
