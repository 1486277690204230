import { createS3Client } from '../../platform/aws-clients';
import { ConfigError, readConfig } from '../../platform/config';
import { createLogger } from '../../platform/logger';
import { createBatchStore } from '../../platform/batch-store';
import { createRecordStore } from '../../platform/record-store';
import { connectTemporal } from '../../platform/temporal-client';
import { createJobReader } from '../indexer/job-reader';
import { rebuild } from '../indexer/rebuild';
import { createTemporalJobRuns } from '../jobs/temporal-runs';
import { openDatabase } from '../storage/database';
import { reason } from '../storage/engines/reason';
import { createRegisteredStorage } from '../storage/registry/registered-storage';

/**
 * Makes the database of the environment's server what S3 says, and says what it did in one line of JSON on stdout. The
 * server may run meanwhile.
 */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const logger = createLogger('reindex', config.logLevel);
  const stopping = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stopping.abort());
  const database = await openDatabase(config.database, logger);
  try {
    const client = await connectTemporal(config);
    try {
      const s3 = createS3Client(config);
      const deps = createRegisteredStorage({ db: database.db, s3, bucket: config.bucket, logger });
      const records = createRecordStore({ s3, bucket: config.bucket });
      const batches = createBatchStore({ s3, bucket: config.bucket });
      const read = createJobReader({ ...deps, records, runs: createTemporalJobRuns(client, config) });
      const report = await rebuild({ ...deps, records, batches, read }, stopping.signal);
      process.stdout.write(`${JSON.stringify(report)}\n`);
    } finally {
      await client.connection.close();
    }
  } finally {
    await database.close();
  }
}

main().catch((error: unknown) => {
  const { cause } = (error ?? {}) as { cause?: unknown };
  const why = cause === undefined ? reason(error) : `${reason(error)}: ${reason(cause)}`;
  process.stderr.write(`${error instanceof ConfigError ? why : `the database was not rebuilt: ${why}`}\n`);
  process.exitCode = 1;
});
