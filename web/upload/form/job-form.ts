import { isOneLine, MAX_JOB_NAME_LENGTH } from '../../../contracts/job/words';
import type { Store } from '../sending/memory';
import { chosenOptions, optionProblem, type OptionField, type OptionTexts, type Preset } from './options-form';
import type { JobRequest } from '../session';

/** What a person has filled in. */
export interface JobTexts {
  /** Null while the name is the one that the photos suggest. */
  readonly name: string | null;
  readonly email: string;
  /** Null: the one that is proposed. */
  readonly preset: string | null;
  readonly budgetUsd: string;
  /** Spare machines for training. */
  readonly isSpot: boolean;
  readonly options: OptionTexts;
}

export const EMPTY_JOB: JobTexts = { name: null, email: '', preset: null, budgetUsd: '', isSpot: false, options: {} };

/** As contracts/job/budget.ts has it for the API. */
export interface Limits {
  readonly minimum: number;
  readonly maximum: number;
}

/** Fields with what is wrong: a code, or for options the end of a sentence. */
export interface JobProblems {
  readonly name: boolean;
  readonly email: boolean;
  readonly budgetUsd: boolean;
  /** By the name of the option. */
  readonly options: Readonly<Record<string, string>>;
  /** The preset takes fewer photos. */
  readonly tooMany: boolean;
}

/** @param photos how many there are; null where it is not known */
export function jobProblems(
  texts: JobTexts,
  {
    fields,
    preset,
    budget,
    photos,
  }: {
    readonly fields: readonly OptionField[];
    readonly preset: Preset | undefined;
    readonly budget: Limits;
    readonly photos: number | null;
  },
): JobProblems {
  const options: Record<string, string> = {};
  for (const field of fields) {
    const problem = optionProblem(field, texts.options[field.name] ?? '');
    if (problem !== null) options[field.name] = problem;
  }
  const name = texts.name?.trim() ?? '';
  return {
    name: Array.from(name).length > MAX_JOB_NAME_LENGTH || !isOneLine(name),
    email: !EMAIL.test(texts.email.trim()),
    budgetUsd: optionProblem({ ...budget, step: 'any' }, texts.budgetUsd) !== null,
    options,
    tooMany: preset !== undefined && photos !== null && photos > preset.maxPhotos,
  };
}

/** Finds what is surely none; the server knows the whole rule (server/jobs/mail-address.ts). */
const EMAIL = /^[^\s@,;<>]+@([^\s@,;<>.]+\.)+[^\s@,;<>.]+$/u;

export const hasProblems = ({ options, ...others }: JobProblems): boolean =>
  Object.keys(options).length > 0 || Object.values(others).some(Boolean);

/** What a form without problems asks for. */
export function jobRequest(
  texts: JobTexts,
  suggestedName: string,
  presetName: Preset['name'],
  fields: readonly OptionField[],
): JobRequest {
  const budgetUsd = texts.budgetUsd.trim();
  return {
    name: (texts.name ?? suggestedName).trim() || null,
    email: texts.email.trim(),
    preset: presetName,
    options: chosenOptions(fields, texts.options),
    budgetUsd: budgetUsd === '' ? null : Number(budgetUsd),
    ...(texts.isSpot && { capacity: 'spot' }),
  };
}

const KEY = 'spaceport.new-scene';

/** What was filled in last time; the name belongs to the photos, and is not kept. */
export function rememberedJob(store: Store | null): JobTexts {
  try {
    const found = JSON.parse(store?.getItem(KEY) ?? '{}') as Partial<Record<keyof JobTexts, unknown>>;
    const { email, preset, budgetUsd, isSpot, options } = found;
    return {
      name: null,
      email: typeof email === 'string' ? email : '',
      preset: typeof preset === 'string' ? preset : null,
      budgetUsd: typeof budgetUsd === 'string' ? budgetUsd : '',
      isSpot: isSpot === true,
      options: isTexts(options) ? options : {},
    };
  } catch {
    return EMPTY_JOB;
  }
}

export function rememberJob(store: Store | null, { name: _name, ...texts }: JobTexts): void {
  try {
    store?.setItem(KEY, JSON.stringify(texts));
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

const isTexts = (value: unknown): value is OptionTexts =>
  typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string');
