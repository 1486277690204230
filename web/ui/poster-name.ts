import { POSTERS } from '../../contracts/storage/posters';

/** The smallest picture among the files of a scene; null where there is none. Results of earlier versions have the last. */
export const posterName = (files: ReadonlySet<string>): string | null =>
  POSTERS.find((name) => files.has(name)) ?? null;
