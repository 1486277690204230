import type { components } from '../../../contracts/generated/api';
import { options as words } from '../../i18n/en/options';

export type Option = components['schemas']['Option'];
export type Preset = components['schemas']['Preset'];

/** What stands in the fields of a form, by the names of options; an empty field means the preset's value. */
export type OptionTexts = Readonly<Record<string, string>>;

/** A field of a form for one option. */
export interface OptionField {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly minimum: number;
  readonly maximum: number;
  /** `1` for whole numbers. */
  readonly step: '1' | 'any';
  /** 1 is yes, 0 is no. */
  readonly isYesNo: boolean;
  /** What the preset has; shown where the field is empty. */
  readonly preset: number | null;
}

/** The fields for a preset's options, in the order of the API. */
export const optionFields = (options: readonly Option[], preset: Preset | undefined): OptionField[] =>
  options.map(({ name, meaning, schema: { type, minimum, maximum } }) => ({
    name,
    label: words.name(name),
    hint: words.hint(name, meaning),
    minimum,
    maximum,
    step: type === 'integer' ? '1' : 'any',
    isYesNo: type === 'integer' && minimum === 0 && maximum === 1,
    preset: preset?.options[name] ?? null,
  }));

/** What is wrong with a field's text, as a sentence's end, or null. */
export function optionProblem(field: Pick<OptionField, 'minimum' | 'maximum' | 'step'>, text: string): string | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const value = Number(trimmed);
  const isOk = Number.isFinite(value) && value >= field.minimum && value <= field.maximum;
  if (isOk && (field.step === 'any' || Number.isInteger(value))) return null;
  return `must be a ${field.step === '1' ? 'whole ' : ''}number from ${field.minimum} to ${field.maximum}`;
}

/** The options of a job by a form: those that say something else than the preset. Fields with a problem are left out. */
export function chosenOptions(fields: readonly OptionField[], texts: OptionTexts): Record<string, number> {
  const chosen: Record<string, number> = {};
  for (const field of fields) {
    const text = (texts[field.name] ?? '').trim();
    if (text === '' || optionProblem(field, text) !== null || Number(text) === field.preset) continue;
    chosen[field.name] = Number(text);
  }
  return chosen;
}
