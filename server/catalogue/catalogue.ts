import type { OptionView, PresetView } from '../../contracts/stages/catalogue-schema';
import { OPTION_RULES } from '../../contracts/stages/options';
import { PRESET, PRESETS } from '../../contracts/stages/presets';
import { byStage } from '../../contracts/stages/stage';
import { STAGE } from '../../contracts/stages/stages';

/** The presets, from the definitions of the stages. */
export const presetViews = (): readonly PresetView[] =>
  PRESETS.map((name) => ({
    name,
    ...PRESET[name],
    stages: byStage((stage) => {
      const { instanceType, maxRuntimeSeconds } = STAGE[stage].machines[name];
      return { instanceType, maxRuntimeSeconds };
    }),
    options: Object.fromEntries(
      Object.entries(OPTION_RULES).map(([option, { stage }]) => {
        const settings = STAGE[stage].settings[name] as unknown as Readonly<Record<string, number>>;
        return [option, settings[option] ?? 0];
      }),
    ),
  }));

/** The settings that a job may change, with their ranges. */
export const optionViews = (): readonly OptionView[] =>
  Object.entries(OPTION_RULES).map(([name, { stage, meaning, whole, minimum, maximum }]) => ({
    name,
    stage,
    meaning,
    schema: { type: whole ? 'integer' : 'number', minimum, maximum },
  }));
