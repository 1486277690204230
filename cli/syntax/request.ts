import type { Argv } from 'yargs';
import type { Said, Take } from '../command';
import type { ChosenServer } from '../server/chosen-server';
import type { SpaceportApi } from '../server/spaceport-api';
import { JSON_OUTPUT, SERVER, serverChoice, type ServerOptions, type With } from './options';

export type Routes = SpaceportApi['routes'];

/** Options of every command that asks a server and prints its answer. */
export const asked = <T>(command: Argv<T>): With<T, typeof ASKED> => command.options(ASKED);
const ASKED = { ...SERVER, json: JSON_OUTPUT } as const;

/** The handler of such a command. `ask` gets what was given on the command line. */
export const asks =
  <A extends ServerOptions & { readonly json?: boolean | undefined }>(
    take: Take,
    ask: (given: A, routes: Routes, server: ChosenServer) => Promise<Said>,
  ) =>
  (given: A): void =>
    take({
      name: 'request',
      json: given.json === true,
      ...serverChoice(given),
      ask: (server) => ask(given, server.api.routes, server),
    });

export const positional = { type: 'string', demandOption: true } as const;
export const text = { type: 'string', requiresArg: true } as const;
/** A time such as the API takes. */
export const time = { ...text, describe: 'Such as 2027-01-31T12:00:00Z' } as const;
/** Where a day is enough it stands for its beginning, in UTC. */
export const moment = (given: string | undefined): string | undefined =>
  given !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(given) ? `${given}T00:00:00Z` : given;
export const count = { type: 'number', requiresArg: true } as const;

/** Fields of a request that were given; the API knows what the others are. */
export function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
