import { isTolerable } from '../../../contracts/estimates/tolerable';
import type { components } from '../../../contracts/generated/api';
import type { Preset } from './options-form';

export type Estimate = components['schemas']['Estimate'];

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
