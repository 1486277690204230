import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { testBundle } from '../helpers/workflows/bundle';
import { runBatch } from '../helpers/workflows/run-batch';
import { runJob } from '../helpers/workflows/run-job';
import { SharedWorkers } from '../helpers/workflows/shared-workers';
import { startTemporal } from '../helpers/temporal';
import { HISTORIES_FOLDER, recordedHistory } from './recorded-history';
import { RECORDED_BATCHES } from './recorded-batches';
import { follow, RECORDED_PATHS } from './recorded-paths';

/**
 * `npm run histories [-- NAME...]`: takes a job or a batch along every path, or along those that are named, with the
 * workflows as they are now, and writes its history. All of them or none: the files are replaced when every path went as
 * its entry says.
 */
async function main(names: readonly string[]): Promise<void> {
  const isWanted = ({ name }: { readonly name: string }): boolean => names.length === 0 || names.includes(name);
  const temporal = await startTemporal();
  let workers: SharedWorkers | undefined;
  const recorded = new Map<string, string>();
  const keep = async (name: string, handle: WorkflowHandle): Promise<void> => {
    recorded.set(`${name}.json`, recordedHistory(await handle.fetchHistory()));
    process.stderr.write(`recorded ${name}\n`);
  };
  try {
    const bundle = await testBundle();
    workers = new SharedWorkers(temporal, bundle, 'recorded');
    const suite = { temporal, bundle, workers };
    for (const recordedPath of RECORDED_PATHS.filter(isWanted)) {
      const jobId = `recorded${String(recorded.size + 1).padStart(2, '0')}`;
      await runJob(suite, { ...recordedPath.options, jobId }, async (run) =>
        keep(recordedPath.name, await follow(recordedPath, run)),
      );
    }
    for (const { name, options, act } of RECORDED_BATCHES.filter(isWanted))
      await runBatch(suite, options, async (run) => {
        await act(run);
        await keep(name, run.handle);
      });
  } finally {
    await workers?.stop();
    await temporal.teardown();
  }
  await mkdir(HISTORIES_FOLDER, { recursive: true });
  if (names.length === 0)
    for (const file of await readdir(HISTORIES_FOLDER))
      if (!recorded.has(file)) await rm(path.join(HISTORIES_FOLDER, file));
  for (const [file, text] of recorded) await writeFile(path.join(HISTORIES_FOLDER, file), text);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
