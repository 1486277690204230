/**
 * Makes @temporalio/testing download its Temporal server: `download-temporal.cjs FOLDER VERSION`. The package offers no
 * download alone, so a server is started from it and shut down.
 */
const { TestWorkflowEnvironment } = require('@temporalio/testing');

const [downloadDir = '', version = ''] = process.argv.slice(2);

TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'cached-download', downloadDir, version } } })
  .then((environment) => environment.teardown())
  .then(
    () => process.exit(0),
    (error) => {
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    },
  );
