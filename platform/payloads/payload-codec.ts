import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { Field, MapField, Type } from 'protobufjs/light';
import type { KeyRing, PayloadKey } from './key-ring';

/** Field of a payload's metadata that says how it is written, and our value of it; that of Temporal's samples. */
const ENCODING = 'encoding';
const ENCRYPTED = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';

const CIPHER = 'aes-256-gcm';
/** Of 96 bits and at random, as NIST SP 800-38D section 8.2.2 has it: one key encrypts 2^32 payloads at most. */
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** `temporal.api.common.v1.Payload`: metadata is encrypted too, since it may name types. */
const PAYLOAD = new Type('Payload')
  .add(new MapField('metadata', 1, 'string', 'bytes'))
  .add(new Field('data', 2, 'bytes'));

/** A payload cannot be read with the keys that this process has; `message` says which one it lacks. */
export class UnreadablePayloadError extends Error {}

/**
 * Encrypts each payload by AES-256-GCM: 12 bytes of IV, the ciphertext, 16 bytes of tag, with the key's id as
 * additional data. What was written without encryption, by a deployment that had no keys yet, is read as it is; without a
 * ring nothing is encrypted. Throws UnreadablePayloadError for a key that is not there, and for bytes that were changed.
 */
export function createPayloadCodec(ring: KeyRing | null): PayloadCodec {
  const { current, keys } = ring ?? { current: null, keys: [] };
  return {
    encode: async (payloads) => (current === null ? payloads : payloads.map((payload) => encrypted(payload, current))),
    decode: async (payloads) => payloads.map((payload) => (isEncrypted(payload) ? decrypted(payload, keys) : payload)),
  };
}

const textOf = ({ metadata }: Payload, field: string): string => Buffer.from(metadata?.[field] ?? []).toString();

const isEncrypted = (payload: Payload): boolean => textOf(payload, ENCODING) === ENCRYPTED;

function encrypted(payload: Payload, { id, key }: PayloadKey): Payload {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(id));
  const text = [cipher.update(PAYLOAD.encode(payload).finish()), cipher.final()];
  return {
    metadata: { [ENCODING]: Buffer.from(ENCRYPTED), [KEY_ID]: Buffer.from(id) },
    data: Buffer.concat([iv, ...text, cipher.getAuthTag()]),
  };
}

function decrypted(payload: Payload, keys: readonly PayloadKey[]): Payload {
  const id = textOf(payload, KEY_ID);
  const key = keys.find((known) => known.id === id)?.key;
  if (key === undefined) throw new UnreadablePayloadError(`it is encrypted by the key "${id}", which is not there`);
  const data = Buffer.from(payload.data ?? []);
  const decipher = createDecipheriv(CIPHER, key, data.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(id));
  try {
    decipher.setAuthTag(data.subarray(-TAG_BYTES));
    const text = [decipher.update(data.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()];
    return PAYLOAD.toObject(PAYLOAD.decode(Buffer.concat(text)));
  } catch (error) {
    throw new UnreadablePayloadError(`it was changed, or encrypted by another key of the id "${id}"`, { cause: error });
  }
}
