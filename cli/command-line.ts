import { parseArgs } from 'node:util';
import { parseLimits, type BudgetLimits } from '../contracts/job/budget';
import { problemSentence } from '../contracts/messages/parsed';
import { PRESETS, type PresetName } from '../contracts/stages/presets';
import { isStage, STAGES, type Stage } from '../contracts/stages/stage';

/** The command line cannot be understood; `message` says what is wrong with it. */
export class UsageError extends Error {}

export interface DemoCommand {
  readonly name: 'demo';
  /** A folder or an archive; null for photos that the project renders itself. */
  readonly photos: string | null;
  readonly preset: PresetName;
  readonly email: string;
  /** Most that the job may cost, and most hours of machines. */
  readonly limits: BudgetLimits;
  /** End when the job has ended. */
  readonly exit: boolean;
  /** One line of JSON about the job on stdout. */
  readonly json: boolean;
}

export type Command =
  | DemoCommand
  | { readonly name: 'up' }
  | { readonly name: 'reindex'; readonly json: boolean }
  | { readonly name: 'upload'; readonly photos: string }
  | { readonly name: 'jobs'; readonly server: string | null; /** As the API answers it. */ readonly json: boolean }
  | { readonly name: 'job'; readonly jobId: string; readonly server: string | null; readonly json: boolean }
  | {
      readonly name: 'accept' | 'pause' | 'resume' | 'delete';
      readonly jobId: string;
      readonly server: string | null;
    }
  | { readonly name: 'cancel'; readonly jobId: string; readonly reason: string | null; readonly server: string | null }
  | {
      readonly name: 'retry';
      readonly jobId: string;
      readonly fromStage: Stage | null;
      readonly limits: BudgetLimits;
      readonly server: string | null;
    };

const DEFAULT_EMAIL = 'pilot@example.com';
/** Quick enough to watch, without a GPU. */
const DEMO_PRESET: PresetName = 'preview';

/** Throws UsageError. */
export function parseCommandLine([name, ...args]: readonly string[]): Command {
  switch (name) {
    case 'demo':
      return demo(args);
    case 'up':
      options(args, {}, 0);
      return { name };
    case 'reindex':
      return { name, json: options(args, JSON_OUTPUT, 0).values.json === true };
    case 'upload':
      return { name, photos: only(options(args, {}, 1).positionals) };
    case 'jobs': {
      const { values } = options(args, { ...SERVER, ...JSON_OUTPUT }, 0);
      return { name, server: server(values), json: values.json === true };
    }
    case 'job': {
      const { values, positionals } = options(args, { ...SERVER, ...JSON_OUTPUT }, 1);
      return { name, jobId: only(positionals), server: server(values), json: values.json === true };
    }
    case 'accept':
    case 'pause':
    case 'resume':
    case 'delete': {
      const { values, positionals } = options(args, SERVER, 1);
      return { name, jobId: only(positionals), server: server(values) };
    }
    case 'cancel': {
      const { values, positionals } = options(args, { ...SERVER, reason: { type: 'string' } }, 1);
      return { name, jobId: only(positionals), reason: text(values.reason), server: server(values) };
    }
    case 'retry': {
      const { values, positionals } = options(args, { ...SERVER, ...LIMITS, from: { type: 'string' } }, 1);
      const fromStage = values.from ?? null;
      if (fromStage !== null && !isStage(fromStage)) throw new UsageError(`--from must be one of ${STAGES.join(', ')}`);
      return { name, jobId: only(positionals), fromStage, limits: limits(values), server: server(values) };
    }
    default:
      throw new UsageError(name === undefined ? 'a command is needed' : `there is no command "${name}"`);
  }
}

function demo(args: readonly string[]): DemoCommand {
  const { values } = options(
    args,
    {
      ...LIMITS,
      photos: { type: 'string' },
      preset: { type: 'string' },
      email: { type: 'string' },
      exit: { type: 'boolean' },
      json: { type: 'boolean' },
    },
    0,
  );
  const preset = PRESETS.find((known) => known === (values.preset ?? DEMO_PRESET));
  if (preset === undefined) throw new UsageError(`--preset must be one of ${PRESETS.join(', ')}`);
  return {
    name: 'demo',
    photos: text(values.photos),
    preset,
    email: text(values.email) ?? DEFAULT_EMAIL,
    limits: limits(values),
    exit: values.exit === true,
    json: values.json === true,
  };
}

/** The positional argument of a command that takes one; `options` has counted. */
const only = ([argument = '']: readonly string[]): string => argument;

type OptionTypes = Record<string, { type: 'string' | 'boolean' }>;
type Values = Record<string, string | boolean | undefined>;

const SERVER: OptionTypes = { server: { type: 'string' } };
const JSON_OUTPUT: OptionTypes = { json: { type: 'boolean' } };
const LIMITS: OptionTypes = { 'budget-usd': { type: 'string' }, 'max-hours': { type: 'string' } };

const text = (value: string | boolean | undefined): string | null => (typeof value === 'string' ? value : null);

const server = ({ server: url }: Values): string | null => serverAddress('--server', text(url) ?? undefined);

/**
 * The address of a server as an option or a variable gives it; null where it is not given. Throws UsageError that names
 * where it came from.
 */
export function serverAddress(from: string, given: string | undefined): string | null {
  if (given === undefined || given === '') return null;
  // Not repeated: there may be a password in it.
  if (!/^https?:\/\/[^/?#]/i.test(given) || !URL.canParse(given))
    throw new UsageError(
      `${from} must be an address such as http://127.0.0.1:3000; in user name and password write / as %2F, # as %23`,
    );
  return given.replace(/\/+$/, '');
}

function limits(values: Values): BudgetLimits {
  const number = (option: string): number | null =>
    text(values[option]) === null ? null : Number(values[option] || NaN);
  const parsed = parseLimits({ budgetUsd: number('budget-usd'), maxHours: number('max-hours') });
  if (parsed.ok) return parsed.value;
  throw new UsageError(
    problemSentence(
      parsed.problems.map((problem) => ({
        ...problem,
        field: problem.field === 'budgetUsd' ? '--budget-usd' : '--max-hours',
      })),
    ),
  );
}

function options(
  args: readonly string[],
  known: OptionTypes,
  positionalCount: number,
): { values: Values; positionals: string[] } {
  try {
    const parsed = parseArgs({ args: [...args], options: known, allowPositionals: true, strict: true });
    if (parsed.positionals.length !== positionalCount) {
      const expected = positionalCount === 0 ? 'nothing' : 'one argument';
      throw new UsageError(`${expected} is expected beside the options, not "${parsed.positionals.join(' ')}"`);
    }
    return { values: parsed.values, positionals: parsed.positionals };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError((error as Error).message.split('. ')[0]);
  }
}
