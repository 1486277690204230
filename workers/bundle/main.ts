import { bundleWorkflows, keepBundle } from '../workflow-bundle';

/**
 * Prints the bundle of the workflow code for the worker that started this process, of the kind that it names (`plain`,
 * `encoded`); with `--keep` leaves both on disk.
 */
async function main(): Promise<void> {
  if (process.argv.includes('--keep')) {
    await keepBundle('plain');
    await keepBundle('encoded');
  } else {
    process.stdout.write((await bundleWorkflows(process.argv.includes('encoded') ? 'encoded' : 'plain')).code);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(
    `the workflow code could not be bundled: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
});
