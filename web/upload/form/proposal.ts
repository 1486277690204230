import type { components } from '../../../contracts/generated/api';
import type { Preset } from './options-form';

export type Estimate = components['schemas']['Estimate'];

/** Longer than this nobody waits for a first scene. */
const LONGEST_SECONDS = 2 * 3600;

/** Whether a job of this quality is done the same day, and not stopped by the limit of its machine before. */
export const isTolerable = ({ seconds, stages }: Estimate): boolean =>
  seconds.high <= LONGEST_SECONDS && !stages.some(({ exceedsLimit }) => exceedsLimit);

/**
 * The quality to begin with on this deployment: its default where that is tolerable, else the best of the quicker ones
 * that is, else the quickest.
 *
 * @param presets from quick to thorough, as the API lists them
 * @param estimateOf undefined for a quality that has none, such as one that takes fewer photos
 */
export function proposedPreset(
  presets: readonly Preset[],
  defaultName: Preset['name'],
  estimateOf: (name: Preset['name']) => Estimate | undefined,
): Preset['name'] {
  const last = presets.findIndex(({ name }) => name === defaultName);
  const estimated = presets.slice(0, last + 1).filter(({ name }) => estimateOf(name) !== undefined);
  const tolerable = estimated.findLast(({ name }) => {
    const estimate = estimateOf(name);
    return estimate !== undefined && isTolerable(estimate);
  });
  return tolerable?.name ?? estimated[0]?.name ?? defaultName;
}
