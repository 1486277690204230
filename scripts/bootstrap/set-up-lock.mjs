/** Only one set-up at a time: a second one waits, and takes over where the first was killed. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { places } from './places.mjs';
import { say } from './say.mjs';

const LOOK_EVERY_MS = 300;

export async function withSetUpLock(work) {
  let told = false;
  while (!take()) {
    const owner = Number(read());
    if (!isAlive(owner)) {
      rmSync(places.setUpLock, { force: true });
      continue;
    }
    if (!told) say(`Another set-up of this checkout is running (process ${owner}); waiting for it.`);
    told = true;
    await sleep(LOOK_EVERY_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(places.setUpLock, { force: true });
  }
}

function take() {
  mkdirSync(dirname(places.setUpLock), { recursive: true });
  try {
    writeFileSync(places.setUpLock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function read() {
  try {
    return readFileSync(places.setUpLock, 'utf8');
  } catch {
    return '';
  }
}

function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

const codeOf = (error) => /** @type {NodeJS.ErrnoException} */ (error).code;
