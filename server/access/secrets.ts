import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits: a fast digest of them is safe to store, since there is nothing to guess. */
const SECRET_BYTES = 32;
/** Letters of a key by which a person recognises it, its kind included. */
const SHOWN_LETTERS = 12;

/**
 * An API key, a session's cookie, the token of a shared link or of a mail's begins with its kind, so that scanners of
 * leaked secrets know it.
 */
export type SecretKind = 'spk' | 'sps' | 'spl' | 'spi';

export interface NewSecret {
  /** Shown once, and kept nowhere. */
  readonly secret: string;
  readonly prefix: string;
  /** SHA-256 in hexadecimal. */
  readonly hash: string;
}

export function newSecret(kind: SecretKind): NewSecret {
  const secret = `${kind}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { secret, prefix: secret.slice(0, SHOWN_LETTERS), hash: hashOf(secret) };
}

/** Whether a text can be a secret of that kind at all: what cannot is not looked up. */
export const isSecret = (kind: SecretKind, text: string): boolean =>
  text.startsWith(`${kind}_`) && /^[A-Za-z0-9_-]{43}$/.test(text.slice(kind.length + 1));

/** A text, such as the path of a request, with what may be a secret or most of one taken out: for logs and answers. */
export const withoutSecrets = (text: string): string => text.replace(/\b(sp[a-z])_[\w-]{8,}/g, '$1_…');

export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Compares two digests in hexadecimal in a time that does not tell where they differ. */
export function isSameHash(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'hex'), Buffer.from(b, 'hex')];
  return left.length === right.length && timingSafeEqual(left, right);
}
