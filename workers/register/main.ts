import { readConfig } from '../../platform/config';
import { connectTemporal, registerSearchAttributes } from '../../platform/temporal-client';

/** Registers our search attributes in the Temporal namespace, once a deployment; safe to repeat. */
async function main(): Promise<void> {
  const client = await connectTemporal(readConfig(process.env));
  try {
    await registerSearchAttributes(client);
  } finally {
    await client.connection.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`spaceport register: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
