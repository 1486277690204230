/** The same picture of a scene, smallest first; every browser that can draw scenes reads AVIF. */
export const POSTERS = ['poster.avif', 'poster.webp', 'poster.jpg'] as const;

/** The smallest picture among the files of a scene; null where there is none. Results of earlier versions have the last. */
export const posterName = (files: ReadonlySet<string>): (typeof POSTERS)[number] | null =>
  POSTERS.find((name) => files.has(name)) ?? null;
