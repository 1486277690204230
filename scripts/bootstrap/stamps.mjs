/**
 * A step's stamp is the fingerprint of everything that it depended on when it was last done. The step is done again
 * when that has changed, or when it was interrupted: its stamp is removed before and written after.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { places } from './places.mjs';

/** A path through a hidden folder or through node_modules. */
const WITHOUT_SOURCES = /(^|[\\/])(\.|node_modules[\\/])/;

/** Hash of texts and of the names and contents of files. */
export function fingerprint({ texts = /** @type {string[]} */ ([]), files = /** @type {string[]} */ ([]) }) {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text}\0`);
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

/**
 * All files below `folder` whose name matches, sorted, without folders that hold no sources.
 * @returns {string[]}
 */
export function filesBelow(folder, pattern) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name) && !WITHOUT_SOURCES.test(name))
    .map((name) => join(folder, name))
    .sort();
}

const stampFile = (name) => join(places.stamps, name);

export const isStamped = (name, value) =>
  existsSync(stampFile(name)) && readFileSync(stampFile(name), 'utf8') === value;

export const clearStamp = (name) => rmSync(stampFile(name), { force: true });

export function writeStamp(name, value) {
  mkdirSync(places.stamps, { recursive: true });
  writeFileSync(stampFile(name), value);
}
