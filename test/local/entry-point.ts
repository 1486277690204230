import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { transformFile } from '@swc/core';

const REPOSITORY = path.join(__dirname, '..', '..');

/** Compiles one room below local/ into `folder`, as the build does; returns its main module. */
export async function compileEntryPoint(room: 's3' | 'mail', folder: string): Promise<string> {
  const source = path.join(REPOSITORY, 'local', room);
  const target = path.join(folder, 'local', room);
  await mkdir(target, { recursive: true });
  for (const file of (await readdir(source)).filter((name) => name.endsWith('.ts'))) {
    const { code } = await transformFile(path.join(source, file), {
      jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' }, swcrc: false, configFile: false,
    });
    await writeFile(path.join(target, file.replace(/\.ts$/, '.js')), code);
  }
  await symlink(path.join(REPOSITORY, 'node_modules'), path.join(folder, 'node_modules'));
  return path.join(target, 'main.js');
}

export interface RunningProcess {
  child: ChildProcess;
  /** The one line it prints when it is ready. */
  ready: Record<string, string>;
  /** Sends the signal and waits for the end; the exit status, or the signal that ended it. */
  stop(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

export async function startProcess(main: string, environment: Record<string, string>): Promise<RunningProcess> {
  const child = spawn(process.execPath, [main], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => { errors += chunk.toString(); });
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exit.then(() => { throw new Error(`The process ended before it was ready:\n${errors}`); }),
  ])) as [string];
  return {
    child,
    ready: JSON.parse(line) as Record<string, string>,
    async stop(signal) {
      child.kill(signal);
      const [status, endedBy] = await exit;
      return status ?? endedBy!;
    },
  };
}
