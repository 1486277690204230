import { layout, type PreviewFile } from './layout';
import type { JobRecord } from '../job/record';

/**
 * The key under which a file of a scene lies that is trained, or was: it may not be there yet, or the program be an
 * older one. Null before training, and where the files of the attempts are deleted.
 */
export function previewKey({ jobId, attempts, expiredAtMs }: JobRecord, file: PreviewFile): string | null {
  // After a line of SfM an earlier training is of another model.
  if (attempts.at(-1)?.stage === 'sfm' || expiredAtMs.intermediates !== null) return null;
  const training = attempts.findLast(({ stage, part }) => stage === 'training' && part === null);
  return training === undefined ? null : layout.preview(jobId, training.resumedFrom ?? training.attempt, file);
}
