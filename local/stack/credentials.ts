import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createFile } from './state-folder';

/** An AWS key pair; the local endpoints accept this one and no other. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The key pair of a stack. */
export async function loadCredentials(stateFolder: string): Promise<Credentials> {
  const fresh: Credentials = {
    accessKeyId: `LOCAL${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64url'),
  };
  const text = await loadSecret(path.join(stateFolder, 'credentials.json'), `${JSON.stringify(fresh, null, 2)}\n`);
  return JSON.parse(text) as Credentials;
}

/** The key that signs a stack's webhooks. */
export function loadWebhookSecret(stateFolder: string): Promise<string> {
  return loadSecret(path.join(stateFolder, 'webhook-secret'), randomBytes(32).toString('hex'));
}

/** The key that secrets of webhook endpoints derive from. */
export function loadWebhookMasterKey(stateFolder: string): Promise<string> {
  return loadSecret(path.join(stateFolder, 'webhook-master-key'), randomBytes(32).toString('hex'));
}

/** A secret is made once and kept in a file that only its owner may read. */
async function loadSecret(file: string, fresh: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  return (await createFile(file, fresh, 0o600)) ? fresh : readFile(file, 'utf8');
}
