import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { testBundle } from '../helpers/workflows/bundle';
import { runJob } from '../helpers/workflows/run-job';
import { startTemporal } from '../helpers/temporal';
import { HISTORIES_FOLDER, recordedHistory } from './recorded-history';
import { follow, RECORDED_PATHS } from './recorded-paths';

/**
 * `npm run histories`: takes a job along every path, with the workflows as they are now, and writes its history. All of
 * them or none: the files are replaced when every path went as its entry says.
 */
async function main(): Promise<void> {
  const temporal = await startTemporal();
  const recorded = new Map<string, string>();
  try {
    const bundle = await testBundle();
    for (const recordedPath of RECORDED_PATHS) {
      const { name, options } = recordedPath;
      const jobId = `recorded${String(recorded.size + 1).padStart(2, '0')}`;
      await runJob({ temporal, bundle }, { ...options, jobId }, async (run) => {
        const handle = await follow(recordedPath, run);
        recorded.set(`${name}.json`, recordedHistory(await handle.fetchHistory()));
      });
      process.stderr.write(`recorded ${name}\n`);
    }
  } finally {
    await temporal.teardown();
  }
  await mkdir(HISTORIES_FOLDER, { recursive: true });
  for (const file of await readdir(HISTORIES_FOLDER))
    if (!recorded.has(file)) await rm(path.join(HISTORIES_FOLDER, file));
  for (const [file, text] of recorded) await writeFile(path.join(HISTORIES_FOLDER, file), text);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
