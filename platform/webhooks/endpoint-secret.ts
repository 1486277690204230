import { createHmac, hkdfSync } from 'node:crypto';

const SECRET_BYTES = 32;

/**
 * The secret of an endpoint, in the form of Standard Webhooks (`whsec_` and base64). Derived by HKDF-SHA-256 (RFC 5869)
 * from the deployment's master key, so that it is stored nowhere.
 * @param generation counted from 1; each rotation is one more
 */
export function endpointSecret(masterKey: string, endpointId: string, generation: number): string {
  const info = `spaceport webhook endpoint ${endpointId} ${generation}`;
  return `whsec_${Buffer.from(hkdfSync('sha256', masterKey, '', info, SECRET_BYTES)).toString('base64')}`;
}

/** `webhook-signature` of Standard Webhooks: HMAC-SHA256 over id, time and body, one for each secret. */
export const standardSignatures = (secrets: readonly string[], id: string, unixSeconds: number, body: string): string =>
  secrets
    .map((secret) => Buffer.from(secret.slice('whsec_'.length), 'base64'))
    .map((key) => `v1,${createHmac('sha256', key).update(`${id}.${unixSeconds}.${body}`).digest('base64')}`)
    .join(' ');
