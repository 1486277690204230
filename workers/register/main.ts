import { readTemporalConfig } from '../../platform/config';
import { connectTemporal, registerNamespace, registerSearchAttributes } from '../../platform/temporal-client';

/** Makes the Temporal namespace where it is not there, and our search attributes in it; safe to repeat. */
async function main(): Promise<void> {
  const client = await connectTemporal(readTemporalConfig(process.env));
  try {
    await registerNamespace(client);
    await registerSearchAttributes(client);
  } finally {
    await client.connection.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`spaceport register: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
