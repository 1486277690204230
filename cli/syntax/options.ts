import type { Argv, InferredOptionTypes, Options } from 'yargs';
import { parseLimits } from '../../contracts/job/budget';
import { CAPACITIES, type Capacity } from '../../contracts/machines/capacity';
import { problemSentence } from '../../contracts/messages/parsed';
import type { Terms } from '../../contracts/messages/signals';
import { PRESETS, type PresetName } from '../../contracts/stages/presets';
import type { JobChoice, OfAJob, ServerChoice } from '../command';
import { serverAddress } from '../server/server-address';
import { UsageError } from '../usage-error';

/** Options that several commands have, and how they are read. */

export const JSON_OUTPUT = { type: 'boolean', describe: 'For programs, on stdout' } as const;

/** Settings of a preset that a job changes. */
export const OPTIONS = {
  type: 'string',
  requiresArg: true,
  describe: 'Such as maxIterations=2000,imageSize=800: "spaceport options" lists them',
} as const;

/** A command that has these options too. */
export type With<T, O extends Readonly<Record<string, Options>>> = Argv<Omit<T, keyof O> & InferredOptionTypes<O>>;

export const SERVER = {
  server: { type: 'string', requiresArg: true, describe: 'Address; or SPACEPORT_SERVER' },
  profile: { type: 'string', requiresArg: true, describe: 'Name in profiles.json; or SPACEPORT_PROFILE' },
} as const;
const TERMS = {
  'budget-usd': { type: 'string', requiresArg: true, describe: 'Most that the job may cost' },
  'max-hours': { type: 'string', requiresArg: true, describe: 'Most hours of machines' },
  capacity: {
    choices: CAPACITIES,
    requiresArg: true,
    describe: 'spot: spare machines, for a part of the price, and with waiting',
  },
} as const;
const jobOptions = (preset: PresetName) =>
  ({
    ...TERMS,
    preset: { choices: PRESETS, default: preset, requiresArg: true },
    email: { type: 'string', requiresArg: true, describe: 'Who is told of the end' },
  }) as const;

export const withServer = <T>(command: Argv<T>): With<T, typeof SERVER> => command.options(SERVER);

export const withJobId = <T>(
  command: Argv<T>,
): Argv<Omit<Omit<T, keyof typeof SERVER> & InferredOptionTypes<typeof SERVER>, 'id'> & { id: string }> =>
  withServer(command).positional('id', { type: 'string', demandOption: true, describe: 'Id of the job' });

export const withTerms = <T>(command: Argv<T>): With<T, typeof TERMS> => command.options(TERMS);

export const withJob = <T>(command: Argv<T>, preset: PresetName): With<T, ReturnType<typeof jobOptions>> =>
  command.options(jobOptions(preset));

interface GivenTerms {
  readonly budgetUsd?: string | undefined;
  readonly maxHours?: string | undefined;
  readonly capacity?: Capacity | undefined;
}

export interface ServerOptions {
  readonly server?: string | undefined;
  readonly profile?: string | undefined;
}

export const serverChoice = ({ server, profile }: ServerOptions): ServerChoice => ({
  server: serverAddress('--server', server),
  profile: profile ?? null,
});

export const ofAJob = ({ id, ...rest }: ServerOptions & { readonly id: string }): OfAJob => ({
  jobId: id,
  ...serverChoice(rest),
});

export const jobChoice = (
  given: GivenTerms & { readonly preset: PresetName; readonly email?: string | undefined },
): JobChoice => ({
  preset: given.preset,
  email: given.email ?? null,
  terms: terms(given),
});

export function terms({ budgetUsd, maxHours, capacity }: GivenTerms): Terms {
  const number = (text: string | undefined): number | null => (text === undefined ? null : Number(text || NaN));
  const parsed = parseLimits({ budgetUsd: number(budgetUsd), maxHours: number(maxHours) });
  if (parsed.ok) return { ...parsed.value, ...(capacity !== undefined && { capacity }) };
  throw new UsageError(
    problemSentence(
      parsed.problems.map((problem) => ({
        ...problem,
        field: problem.field === 'budgetUsd' ? '--budget-usd' : '--max-hours',
      })),
    ),
  );
}

/** Which options there are, and their ranges, the server knows. Throws UsageError, also where one has two values. */
export function numbersOf(given = ''): Readonly<Record<string, number>> {
  const numbers: Record<string, number> = {};
  for (const text of listOf(given)) {
    const [, name, value] = /^(\w+)=(.+)$/.exec(text) ?? [];
    if (name === undefined || !Number.isFinite(Number(value)))
      throw new UsageError(`--options must be NAME=NUMBER,NAME=NUMBER, not "${text}"`);
    const known = numbers[name];
    if (known !== undefined && known !== Number(value))
      throw new UsageError(`--options gives ${name} both ${known} and ${value}`);
    numbers[name] = Number(value);
  }
  return numbers;
}

/**
 * Reads names with commas between, all of them known; undefined where the option is not given. Throws UsageError that
 * names the option.
 */
export const namesOf =
  <T extends string>(option: string, known: readonly T[]) =>
  (given: string | undefined): T[] | undefined => {
    if (given === undefined) return undefined;
    const names = listOf(given);
    const isKnown = (name: string): name is T => known.some((each) => each === name);
    const ours = names.filter(isKnown);
    if (names.length > 0 && ours.length === names.length) return ours;
    throw new UsageError(`${option} must be some of ${known.join(',')}, with commas between`);
  };

export const listOf = (text: string): readonly string[] => text.split(',').filter((part) => part !== '');
