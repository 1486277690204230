import type { SfmMetrics } from '../generated/reports';

type Shortfall = NonNullable<SfmMetrics['shortfall']>;

/** For everybody: it fits a drone, a kite and a camera in the hand. */
export const MORE_OVERLAP =
  'Take more photos, each so near the one before that both show 70 to 80 % of the same, from all sides, in even ' +
  'light, and avoid water, snow, glass and plain walls; then start a new job with those and the ones that fit.';

/** Only where the photos were taken from the air, and what they lack is overlap. */
const FLY_AGAIN =
  'Fly again with 70 to 80 % overlap between neighbouring photos, in even light, with some oblique photos ' +
  '(camera tilted 30 to 45 degrees), and avoid water, snow and plain roofs; then start a new job with those photos.';

/** What to do, by what the photos lack (`shortfall` of SfM's report, containers/sfm/spaceport_sfm/verdict.py). */
const ADVICE: Readonly<Record<Shortfall, { readonly anyone: string; readonly aerial?: string }>> = {
  overlap: { anyone: MORE_OVERLAP, aerial: FLY_AGAIN },
  texture: {
    anyone:
      'Leave out photos that are blurred, dark or show one plain surface, and send sharp ones that show more around ' +
      'it: edges, ground, things that stay where they are. More photos of a plain wall, water or snow do not help.',
  },
  'one place': {
    anyone:
      'Change the place between two photos, by about a tenth of the distance to what they show: photos that are only ' +
      'turned or zoomed from one place measure no distance. Then start a new job with those photos.',
  },
  parts: {
    anyone:
      'Add photos that lead from one part to the other, each in a small step from the last, and keep the photos that ' +
      'you have; leave out those of other places. Then start a new job with all of them.',
  },
  'weak links': {
    anyone:
      'Add photos between the ones that do not fit and the others, each in a small step from the last; leave out ' +
      'blurred photos and those of other places. Then start a new job with all of them.',
  },
};

/**
 * What a person can do about photos that do not fit together. Nobody is told to fly whose photos do not say that they
 * were taken from the air, and nobody for whom another flight would not help. Null where SfM does not say what is
 * missing.
 */
export function photoAdvice({ shortfall, aerial }: Pick<SfmMetrics, 'shortfall' | 'aerial'>): string | null {
  if (shortfall === null || shortfall === undefined || !Object.hasOwn(ADVICE, shortfall)) return null;
  const { anyone, aerial: fromTheAir = anyone } = ADVICE[shortfall];
  return aerial === true ? fromTheAir : anyone;
}
