/**
 * A process that opens the database of its argument, writes a tenant, and says on stdout which changes of the tables it
 * made; with `--die` it then kills itself, with the database open. For tests of several processes at once.
 */
import { Writable } from 'node:stream';
import pino from 'pino';
import type { DatabaseLocation } from '../../../platform/config';
import { openDatabase } from '../../../server/storage/database';
import { createStorage } from '../../../server/storage/storage';

async function main([location = '', name = '', then = '']: readonly string[]): Promise<void> {
  const said: unknown[] = [];
  const logger = pino(
    {},
    new Writable({
      write(line: Buffer, _encoding, done) {
        said.push((JSON.parse(line.toString()) as { changes: unknown }).changes);
        done();
      },
    }),
  );
  const database = await openDatabase(JSON.parse(location) as DatabaseLocation, logger);
  const tenant = {
    id: name,
    name,
    limits: {},
    monthlyBudgetUsd: null,
    alertEmail: null,
    createdAtMs: 1,
    closedAtMs: null,
  };
  await createStorage(database.db).tenants.create(tenant);
  process.stdout.write(JSON.stringify(said[0]));
  if (then === '--die') process.kill(process.pid, 'SIGKILL');
  await database.close();
}

void main(process.argv.slice(2));
