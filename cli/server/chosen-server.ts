import type { SpaceportApi } from './spaceport-api';

/** The server that a command asks. */
export interface ChosenServer {
  readonly api: SpaceportApi;
  /** Who is told of jobs where a command does not say; null where it has to. */
  readonly email: string | null;
}
