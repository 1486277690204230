import { PRESET, type PresetName } from '../../contracts/stages/presets';

/** What a preset is called, in a word; its name where this version does not know it. */
export const presetWord = (preset: string): string =>
  Object.hasOwn(PRESET, preset) ? (PRESET[preset as PresetName].title.split(':')[0] ?? preset) : preset;
