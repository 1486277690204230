import type { StageSettings } from '../stages/settings';
import type { Stage } from '../stages/stage';

/** One rung: smaller settings for the next attempt of a stage that ran out of memory. */
type Rung<S extends Stage> = (settings: StageSettings[S]) => StageSettings[S];

const smaller = (pixels: number, factor: number): number => Math.round(pixels * factor);

/**
 * What each stage gives up, from the rung that costs the least quality on. Memory grows with the square of the photo
 * size in SfM's features, with Gaussians and photo size in training, and with the bands of harmonics in compression.
 */
const LADDER: { readonly [S in Stage]: readonly Rung<S>[] } = {
  sfm: [
    (settings) => ({ ...settings, guidedMatching: false, maxImageSize: smaller(settings.maxImageSize, 0.75) }),
    (settings) => ({
      ...settings,
      maxImageSize: smaller(settings.maxImageSize, 0.67),
      maxNumFeatures: smaller(settings.maxNumFeatures, 0.5),
    }),
  ],
  training: [
    (settings) => ({ ...settings, imageSize: smaller(settings.imageSize, 0.75) }),
    (settings) => ({ ...settings, maxGaussians: smaller(settings.maxGaussians, 0.5) }),
  ],
  compression: [
    (settings) => ({ ...settings, shBands: Math.min(settings.shBands, 1) }),
    (settings) => ({ ...settings, shBands: 0 }),
  ],
};

export interface LadderStep<S extends Stage> {
  readonly settings: StageSettings[S];
  /** The last rung, with the smallest settings: the stage's larger machine (contracts/stages/presets). */
  readonly onLarger: boolean;
}

/** Settings after `step` rungs (0 = unchanged), each on top of those before; null when there are no more rungs. */
export function afterMemoryFailures<S extends Stage>(
  stage: S,
  settings: StageSettings[S],
  step: number,
  hasLarger: boolean,
): LadderStep<S> | null {
  const rungs: readonly Rung<S>[] = LADDER[stage];
  const onLarger = step > rungs.length;
  if (step > rungs.length + (hasLarger ? 1 : 0)) return null;
  return { settings: rungs.slice(0, step).reduce((current, rung) => rung(current), settings), onLarger };
}
