import type { Terms } from '../contracts/messages/signals';
import type { PresetName } from '../contracts/stages/presets';
import type { Stage } from '../contracts/stages/stage';
import type { ChosenServer } from './server/chosen-server';

/** Who is told of jobs on this machine, where a command does not say: the mail endpoint of the local stack shows it. */
export const LOCAL_EMAIL = 'pilot@example.com';

/** Which server is meant; both null = that of the environment, of the default profile, or of the local stack. */
export interface ServerChoice {
  readonly server: string | null;
  readonly profile: string | null;
}

/** What a job of a command gets. */
export interface JobChoice {
  readonly preset: PresetName;
  /** Null = the profile's. */
  readonly email: string | null;
  /** Most that the job may cost, and most hours of machines. */
  readonly terms: Terms;
}

export interface DemoCommand extends JobChoice {
  readonly name: 'demo';
  readonly email: string;
  /** A folder or an archive; null for photos that the project renders itself. */
  readonly photos: string | null;
  /** Begin also where it takes hours. */
  readonly yes: boolean;
  /** End when the job has ended. */
  readonly exit: boolean;
  /** One line of JSON about the job on stdout. */
  readonly json: boolean;
}

export interface RunCommand extends JobChoice, ServerChoice {
  readonly name: 'run';
  /** A folder, an archive, or an `s3://` address. */
  readonly source: string;
  readonly jobName: string | null;
  /** Settings of the preset that are changed. */
  readonly options: Readonly<Record<string, number>>;
  /** False: end when the job has started. */
  readonly follow: boolean;
  /** 1 before 5; null = as the server has it. */
  readonly priority: number | null;
  /** A time, ISO 8601; null = now. */
  readonly startAt: string | null;
  /** Where the result is saved; null = nowhere. */
  readonly output: string | null;
  readonly json: boolean;
}

/** What the API answered: as it is, and in words. */
export interface Said {
  readonly answer: unknown;
  readonly words: string;
}

/** Asks the API and prints what it says; each resource knows its own routes (`resources/`). */
export interface RequestCommand extends ServerChoice {
  readonly name: 'request';
  readonly json: boolean;
  readonly ask: (server: ChosenServer) => Promise<Said>;
}

export interface LogsCommand extends ServerChoice {
  readonly name: 'logs';
  readonly jobId: string;
  /** Null = the newest attempt. */
  readonly stage: Stage | null;
  readonly attempt: number | null;
  /** Go on until the program ends. */
  readonly follow: boolean;
  readonly json: boolean;
}

export interface OfAJob extends ServerChoice {
  readonly jobId: string;
}

/** What the program may be told; `json` = as the API answers it. */
export type Command =
  | DemoCommand
  | RunCommand
  | LogsCommand
  | RequestCommand
  | { readonly name: 'help'; readonly text: string }
  | { readonly name: 'up' }
  | { readonly name: 'reindex'; readonly json: boolean }
  | { readonly name: 'upload'; readonly photos: string; readonly json: boolean }
  | (OfAJob & { readonly name: 'job'; readonly follow: boolean; readonly json: boolean })
  | (OfAJob & { readonly name: 'download'; readonly output: string; readonly json: boolean });

/** Receives the command that a command line was understood as. */
export type Take = (command: Command) => void;
