import { bundleWorkflows } from '../workflow-bundle';

/** Prints the bundle of the workflow code on stdout, for the worker that started this process. */
async function main(): Promise<void> {
  const { code } = await bundleWorkflows();
  process.stdout.write(code);
}

main().catch((error: unknown) => {
  process.stderr.write(
    `the workflow code could not be bundled: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
});
