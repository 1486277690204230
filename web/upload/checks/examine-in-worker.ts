import type { SortedFiles } from '../files/chosen-files';
import type { ExaminationNews } from './examine.worker';
import type { Report } from './examination';
import type { Found } from './photo-checks';

/** Examines files in a worker, which ends with it. Rejects where the browser could not do it, and when it is aborted. */
export function examineInWorker(sorted: SortedFiles, report: Report, signal: AbortSignal): Promise<Found> {
  const { promise, resolve, reject } = Promise.withResolvers<Found>();
  const worker = new Worker(new URL('./examine.worker.ts', import.meta.url), { type: 'module' });
  const abort = (): void => reject(new DOMException('other files were chosen', 'AbortError'));
  signal.addEventListener('abort', abort, { once: true });
  worker.addEventListener('message', ({ data }: MessageEvent<ExaminationNews>) => {
    if (data.kind === 'progress') report(data.done, data.all);
    else if (data.kind === 'found') resolve(data.found);
    else reject(new Error('the photos could not be examined'));
  });
  worker.addEventListener('error', () => reject(new Error('the photos could not be examined')));
  worker.postMessage(sorted);
  return promise.finally(() => {
    signal.removeEventListener('abort', abort);
    worker.terminate();
  });
}
