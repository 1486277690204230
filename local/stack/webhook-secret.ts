import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The key that signs a stack's webhooks, made once and kept in a file that only its owner may read. */
export async function loadWebhookSecret(stateFolder: string): Promise<string> {
  const file = path.join(stateFolder, 'webhook-secret');
  const fresh = randomBytes(32).toString('hex');
  try {
    await writeFile(file, fresh, { flag: 'wx', mode: 0o600 });
    return fresh;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return readFile(file, 'utf8');
  }
}
