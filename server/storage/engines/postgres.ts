import { PostgresDialect } from 'kysely';
import { Pool, TypeOverrides, types } from 'pg';
import type { DatabaseLocation } from '../../../platform/config';
import type { Logger } from '../../../platform/logger';

/** Connections of one server: its queries take milliseconds, and a PostgreSQL of its own has 100 by default. */
const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5000;
/** No query of ours takes nearly so long; one that hangs gives its connection back. */
const STATEMENT_TIMEOUT_MS = 30_000;

/** Kysely over a pool of connections, which are made when they are needed. */
export function postgresDialect(
  { url, ca }: Extract<DatabaseLocation, { kind: 'postgres' }>,
  logger: Logger,
): PostgresDialect {
  // BIGINTs of ours are counts and milliseconds, which numbers hold exactly; pg's default is a string.
  const typesOfOurs = new TypeOverrides();
  typesOfOurs.setTypeParser(types.builtins.INT8, Number);
  const pool = new Pool({
    connectionString: url,
    // Checks the server's name and certificate; what the address says of TLS would count before it.
    ...(ca !== undefined && { ssl: { ca } }),
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    // A little more, for a server that does not answer at all.
    query_timeout: STATEMENT_TIMEOUT_MS + CONNECT_TIMEOUT_MS,
    application_name: 'spaceport',
    types: typesOfOurs,
  });
  // An idle connection that breaks is replaced by the next query; without a listener it would end the process.
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle connection to PostgreSQL broke'));
  return new PostgresDialect({ pool });
}
