import { SETTING_RANGES, type SettingRange } from '../generated/settings';
import { isRecord, parsed, type FieldProblem, type Parsed } from '../messages/parsed';
import type { PresetName } from './presets';
import type { StageSettings } from '../generated/settings';
import { STAGES, type Stage } from './stage';
import { STAGE, type DEFINITIONS } from './stages';

type OptionName = { [S in Stage]: keyof (typeof DEFINITIONS)[S]['options'] }[Stage];

/**
 * Settings of a preset that a request or a retry may change: an allow-list with ranges. Nothing else of a caller's
 * input reaches a container, an image name or an output path.
 */
export type JobOptions = { readonly [K in OptionName]?: number };

/** An option's stage, and its range: what the stage allows of what the program takes. */
interface OptionRule {
  readonly stage: Stage;
  readonly meaning: string;
  /** Whether only whole numbers are taken. */
  readonly whole: boolean;
  readonly minimum: number;
  readonly maximum: number;
}

export const OPTION_RULES = Object.fromEntries(
  STAGES.flatMap((stage) => {
    const ranges: Readonly<Record<string, SettingRange>> = SETTING_RANGES[stage];
    return Object.entries(STAGE[stage].options).map(([name, bounds]): [string, OptionRule] => {
      const { type, minimum = -Infinity, maximum = Infinity, meaning = '' } = ranges[name] ?? {};
      return [
        name,
        {
          stage,
          meaning,
          whole: type === 'integer',
          minimum: Math.max(minimum, bounds.minimum ?? minimum),
          maximum: Math.min(maximum, bounds.maximum ?? maximum),
        },
      ];
    });
  }),
) as Readonly<Record<OptionName, OptionRule>>;

const OPTION_NAMES = Object.keys(OPTION_RULES) as OptionName[];

/** The table of README.md, in Markdown. */
export const optionTable = (): string =>
  [
    '| option | number | meaning |',
    '|---|---|---|',
    ...Object.entries(OPTION_RULES).map(
      ([name, { whole, minimum, maximum, meaning }]) =>
        `| \`${name}\` | ${whole ? '' : 'any from '}${minimum} to ${maximum} | ${meaning} |`,
    ),
    '',
  ].join('\n');

/** Options from an unknown value; undefined and null mean the preset as it is. */
export function parseJobOptions(value: unknown): Parsed<JobOptions> {
  if (value === undefined || value === null) return { ok: true, value: {} };
  if (!isRecord(value)) return { ok: false, problems: [{ field: '', message: 'must be an object' }] };
  const problems: FieldProblem[] = [];
  const options: { -readonly [K in OptionName]?: number } = {};
  for (const [name, given] of Object.entries(value)) {
    const rule = Object.hasOwn(OPTION_RULES, name) ? OPTION_RULES[name as OptionName] : undefined;
    if (rule === undefined) problems.push({ field: name, message: `is unknown; known are ${OPTION_NAMES.join(', ')}` });
    else if (typeof given !== 'number' || (rule.whole && !Number.isInteger(given)) || !isWithin(given, rule))
      problems.push({
        field: name,
        message: `must be a ${rule.whole ? 'whole ' : ''}number from ${rule.minimum} to ${rule.maximum}`,
      });
    else options[name as OptionName] = given;
  }
  return parsed(options, problems);
}

const isWithin = (value: number, { minimum, maximum }: OptionRule): boolean => value >= minimum && value <= maximum;

/** A preset's settings with a job's options applied. */
export function stageSettings(preset: PresetName, options: JobOptions): StageSettings {
  const chosen = eachStage((stage) => ({
    ...STAGE[stage].settings[preset],
    ...Object.fromEntries(Object.entries(options).filter(([name]) => name in STAGE[stage].options)),
  }));
  return eachStage((stage) => STAGE[stage].fit(chosen[stage], chosen));
}

const eachStage = (settingsOf: <S extends Stage>(stage: S) => StageSettings[S]): StageSettings =>
  Object.fromEntries(STAGES.map((stage) => [stage, settingsOf(stage)])) as unknown as StageSettings;
