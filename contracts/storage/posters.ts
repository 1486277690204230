/** The same picture of a scene, smallest first; every browser that can draw scenes reads AVIF. */
export const POSTERS = ['poster.avif', 'poster.webp', 'poster.jpg'] as const;
