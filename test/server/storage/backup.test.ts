import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DatabaseLocation } from '../../../platform/config';
import { openDatabase } from '../../../server/storage/database';
import { createStorage, type Storage } from '../../../server/storage/storage';
import { onBothEngines, silentLogger, type TestEngine } from '../../helpers/storage/engines';

/** The commands of docs/operations.md, "Backup and restore". */
const BACKUP = "new (require('node:sqlite').DatabaseSync)(process.argv[1]).exec(`VACUUM INTO '${process.argv[2]}'`)";

function backUp(location: DatabaseLocation, { postgres }: TestEngine, to: string): void {
  if (location.kind === 'sqlite') execFileSync(process.execPath, ['-e', BACKUP, location.file, to]);
  else
    execFileSync(path.join(postgres!.programs, 'pg_dump'), ['--format=custom', '--file', to, location.url], {
      stdio: 'pipe',
    });
}

function restore(location: DatabaseLocation, { postgres }: TestEngine, from: string): void {
  if (location.kind === 'postgres') {
    const options = ['--clean', '--if-exists', '--no-owner', '--dbname', location.url, from];
    execFileSync(path.join(postgres!.programs, 'pg_restore'), options, { stdio: 'pipe' });
    return;
  }
  for (const beside of ['-wal', '-shm']) rmSync(location.file + beside, { force: true });
  copyFileSync(from, location.file);
}

async function within<T>(location: DatabaseLocation, work: (storage: Storage) => Promise<T>): Promise<T> {
  const database = await openDatabase(location, silentLogger);
  try {
    return await work(createStorage(database.db));
  } finally {
    await database.close();
  }
}

const tenant = (id: string) => ({
  id,
  name: id,
  limits: {},
  monthlyBudgetUsd: null,
  alertEmail: null,
  createdAtMs: 1,
  closedAtMs: null,
});

onBothEngines((engine) => {
  test('a backup that was made while the server wrote is put back over what came later, and into a new database', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'spaceport-backup-'));
    const file = path.join(folder, 'backup');
    const ids = (storage: Storage): Promise<string[]> =>
      storage.tenants.list().then((tenants) => tenants.map(({ id }) => id));
    try {
      const [location, other] = [await engine.newLocation(), await engine.newLocation()];
      await within(location, async (storage) => {
        await storage.tenants.create(tenant('before'));
        backUp(location, engine, file);
        await storage.tenants.create(tenant('later'));
      });
      for (const place of [location, other]) {
        restore(place, engine, file);
        expect(await within(place, ids)).toEqual(['before']);
        await within(place, (storage) => storage.tenants.create(tenant('after')));
        expect(await within(place, ids)).toEqual(['after', 'before']);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
