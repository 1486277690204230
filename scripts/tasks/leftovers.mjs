/** What tests leave behind: `npm test` fails on it. */
import { lstatSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { places } from '../bootstrap/places.mjs';

const OWN_FOLDERS = ['state', 'results'].map((name) => join(places.home, name));
/** Processes that were told to end may take a moment. */
const GRACE_MS = 5000;

/**
 * Every file of the person's own stack, with the time of its last change; null while that stack runs and changes them.
 */
export function ownFiles() {
  if (isThere(join(places.home, 'state', 'stack.json'))) return null;
  return OWN_FOLDERS.filter(isThere)
    .flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, name)))
    .map((file) => `${file} ${lstatSync(file).mtimeMs}`);
}

/**
 * A sentence for each thing that is left: files of the person's own stack that are not as `before` (of `ownFiles`),
 * folders in `temporaryFolder`, and processes that were started with it in their environment.
 */
export async function leftovers(before, temporaryFolder) {
  const after = ownFiles();
  const without = (lines, others) => lines.filter((line) => !others.includes(line));
  const changed = before === null || after === null ? [] : [...without(after, before), ...without(before, after)];
  const folders = readdirSync(temporaryFolder).filter((name) => name.startsWith('spaceport-'));
  const deadlineMs = Date.now() + GRACE_MS;
  while (processesWith(temporaryFolder).length > 0 && Date.now() < deadlineMs) await sleep(100);
  return [
    ...changed.map((line) => `the tests changed your own state: ${line}`),
    ...folders.map((name) => `a temporary folder is left: ${name}`),
    ...processesWith(temporaryFolder).map((line) => `a process is left: ${line}`),
  ];
}

const isThere = (file) => lstatSync(file, { throwIfNoEntry: false }) !== undefined;

/** Processes in whose environment or arguments a text stands; none where there is no /proc, as on macOS. */
function processesWith(text) {
  if (!isThere('/proc/self/environ')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => ({ pid, command: readOrEmpty(`/proc/${pid}/cmdline`) }))
    .filter(({ pid, command }) => command.includes(text) || readOrEmpty(`/proc/${pid}/environ`).includes(text))
    .map(({ pid, command }) => `${pid} ${command.replaceAll('\0', ' ').trim()}`);
}

/** A process may end in between, or be someone else's. */
function readOrEmpty(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
