/** Running other programs. */
import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { Problem } from './problem.mjs';
import { liveLine } from './say.mjs';

const TAIL_LINES = 100;

/** What a program prints, or null where it is missing, fails, or takes longer than `timeoutMs`. */
export function output(command, args, { timeoutMs: timeout = 20_000, env = process.env } = {}) {
  const result = spawnSync(command, args, { encoding: 'utf8', env, timeout, stdio: ['ignore', 'pipe', 'pipe'] });
  return result.status === 0 ? result.stdout.trim() : null;
}

/**
 * Runs a program of set-up to its end and shows its progress: `describe(line)` turns a line of its output into a few
 * words, or null. Throws a Problem with the last lines of its output where it fails or takes longer than `timeoutMs`.
 */
export function runStep(title, command, args, options = {}) {
  const noDetail = () => /** @type {string | null} */ (null);
  const { cwd = process.cwd(), env = process.env, describe = noDetail, advice = '', timeoutMs = 0 } = options;
  return new Promise((resolve, reject) => {
    const live = liveLine(title);
    const tail = [];
    const signal = timeoutMs > 0 ? AbortSignal.timeout(timeoutMs) : undefined;
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], signal });
    for (const input of [child.stdout, child.stderr])
      createInterface({ input }).on('line', (line) => {
        if (line === '') return;
        tail.push(line);
        if (tail.length > TAIL_LINES) tail.shift();
        const detail = describe(line);
        if (detail !== null) live.update(detail);
      });
    const fail = (why) =>
      reject(new Problem([`${title} failed: ${why}`, ...tail.map((line) => `    ${line}`)].join('\n'), advice));
    child.on('error', (error) => {
      live.end();
      fail(error.message);
    });
    child.on('close', (code, signal) => {
      live.end();
      if (code === 0) resolve(tail);
      else fail(`${command} ended with ${signal ?? `status ${code}`}`);
    });
  });
}

/**
 * Runs a command in the foreground, with this terminal, and returns its exit status.
 * Ctrl-C reaches the command directly, since it is in the same process group: this process only waits for its end.
 * Other signals to end are passed on, and the open IPC channel tells the command when this process is gone without a
 * word.
 * @returns {Promise<number>}
 */
export function runForeground(command, args, { env, cwd = process.cwd(), withChannel = false }) {
  return new Promise((resolve) => {
    /** @type {import('node:child_process').StdioOptions} */
    const stdio = withChannel ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit';
    const child = spawn(command, args, { env, cwd, stdio });
    const passOn = (signal) => child.kill(signal);
    const ignore = () => {};
    process.on('SIGINT', ignore).on('SIGTERM', passOn).on('SIGHUP', passOn);
    const end = (status) => {
      process.off('SIGINT', ignore).off('SIGTERM', passOn).off('SIGHUP', passOn);
      resolve(status);
    };
    child.on('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      end(127);
    });
    child.on('close', (code, signal) => end(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
