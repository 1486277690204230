import type { HeldOutPhoto } from '../../contracts/generated/reports';

export type Rank = 'worst' | 'median' | 'best';

/** The worst, the median and the best of photos that were held out, by PSNR; fewer where there are fewer. */
export function ranked(photos: readonly HeldOutPhoto[]): readonly (readonly [Rank, HeldOutPhoto])[] {
  const sorted = photos.toSorted((a, b) => a.psnr - b.psnr);
  const places = [
    ['worst', 0],
    ['median', Math.floor((sorted.length - 1) / 2)],
    ['best', sorted.length - 1],
  ] as const;
  const shown = new Set<number>();
  return places.flatMap(([rank, place]) => {
    const photo = sorted[place];
    if (photo === undefined || shown.has(place)) return [];
    shown.add(place);
    return [[rank, photo] as const];
  });
}
