import { createSecretKey, type KeyObject } from 'node:crypto';

/** A key that encrypts what Temporal stores; `id` stands beside what it has encrypted. */
export interface PayloadKey {
  readonly id: string;
  /** 256 bits, for AES. */
  readonly key: KeyObject;
}

/** Keys by which a deployment encrypts what it gives to Temporal. */
export interface KeyRing {
  /** Encrypts from now on; null = nothing is encrypted any more, and what was can still be read. */
  readonly current: PayloadKey | null;
  readonly keys: readonly PayloadKey[];
}

/** In place of the first key: nothing is encrypted any more. */
const OFF = 'off';
const ENTRY = /^([a-z0-9][a-z0-9-]{0,39}):([0-9a-f]{64})$/i;

/**
 * Reads `ID:KEY,ID:KEY`, keys of 256 bits in hexadecimal: the first one encrypts, the others only read; `off` in front
 * encrypts nothing more. Null for an empty text. Gives the problem in words where it cannot be read, without the keys.
 */
export function parseKeyRing(text: string): KeyRing | string | null {
  if (text.trim() === '') return null;
  const entries = text.split(',').map((entry) => entry.trim());
  const isOff = entries[0] === OFF;
  const keys: PayloadKey[] = [];
  for (const [index, entry] of (isOff ? entries.slice(1) : entries).entries()) {
    const [, id, hex] = ENTRY.exec(entry) ?? [];
    if (id === undefined || hex === undefined)
      return `key ${index + 1} must be ID:KEY, an id of letters, digits and dashes and 64 hexadecimal digits`;
    if (keys.some((known) => known.id === id)) return `two keys have the id "${id}"`;
    keys.push({ id, key: createSecretKey(hex, 'hex') });
  }
  if (keys.length === 0) return `must name the keys that "${OFF}" still reads by`;
  return { current: isOff ? null : (keys[0] ?? null), keys };
}
