import { availableParallelism } from 'node:os';
import { estimate, uncalibrated } from '../../contracts/estimates/estimate';
import type { CountRange } from '../../contracts/estimates/estimate-schema';
import { isTolerable } from '../../contracts/estimates/tolerable';
import { durationWords } from '../../contracts/estimates/words';
import { PRESETS, type PresetName } from '../../contracts/stages/presets';
import type { LocalPhotos } from '../server/photo-upload';

/** Photos that the project renders itself. */
const RENDERED: CountRange = { low: 24, high: 24 };
/** How many an archive has is not known before it is unpacked. */
const USUAL: CountRange = { low: 20, high: 200 };

/**
 * What a person should know before a demo begins that takes hours on this machine's cores, with its time; null where
 * it does not.
 */
export function longDemo(
  preset: PresetName,
  given: LocalPhotos | null,
  cores: number = availableParallelism(),
): string | null {
  const of = (name: PresetName) =>
    estimate({ photos: countOf(given), megapixels: null, preset: name, options: {} }, uncalibrated(cores));
  const asked = of(preset);
  if (isTolerable(asked)) return null;
  const quicker = PRESETS.slice(0, PRESETS.indexOf(preset)).findLast((name) => isTolerable(of(name)));
  const time = durationWords(asked.seconds);
  const instead = quicker === undefined ? '' : `; --preset ${quicker} takes ${durationWords(of(quicker).seconds)}`;
  return `"${preset}" takes ${time} on the ${cores} cores of this machine without a GPU${instead}`;
}

const countOf = (given: LocalPhotos | null): CountRange => {
  if (given === null) return RENDERED;
  if (given.kind === 'archive') return USUAL;
  return { low: given.files.length, high: given.files.length };
};
