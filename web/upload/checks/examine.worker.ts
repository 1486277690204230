/** Examines photos beside the page, so that it stays quick while hundreds are read. */
import type { SortedFiles } from '../files/chosen-files';
import { examine } from './examination';
import type { Found } from './photo-checks';

export type ExaminationNews =
  | { readonly kind: 'progress'; readonly done: number; readonly all: number }
  | { readonly kind: 'found'; readonly found: Found }
  | { readonly kind: 'failed' };

/** Of a worker: the page's types know only that of windows, which wants an origin. */
const tell = postMessage as (news: ExaminationNews) => void;

addEventListener('message', ({ data }: MessageEvent<SortedFiles>) => {
  examine(data, (done, all) => tell({ kind: 'progress', done, all })).then(
    (found) => tell({ kind: 'found', found }),
    () => tell({ kind: 'failed' }),
  );
});
