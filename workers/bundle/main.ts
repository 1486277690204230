import { bundleWorkflows, keepBundle } from '../workflow-bundle';

/** Prints the bundle of the workflow code for the worker that started this process; with `--keep` leaves it on disk. */
async function main(): Promise<void> {
  if (process.argv.includes('--keep')) await keepBundle();
  else process.stdout.write((await bundleWorkflows()).code);
}

main().catch((error: unknown) => {
  process.stderr.write(
    `the workflow code could not be bundled: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
});
