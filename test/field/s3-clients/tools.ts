import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A program to run, or why there is none. */
export type Tool = { command: string } | { missing: string };

const GO_BUILD_MS = 45 * 60_000;
const HOME = path.resolve(__dirname, '../../../.spaceport/field');

/**
 * A program of a Python package, in an environment of its own below `.spaceport/field`: clients pin versions of botocore
 * that exclude each other. Waits for pip, the first time.
 */
export function pythonTool(program: string, requirements: readonly string[]): Tool {
  const folder = path.join(HOME, requirements.join('-').replace(/[^\w.-]/g, '-'));
  const complete = path.join(folder, 'complete');
  try {
    if (!existsSync(complete)) {
      const quiet = { stdio: ['ignore', 'ignore', 'pipe'] as const, encoding: 'utf8' as const };
      execFileSync('python3', ['-m', 'venv', '--clear', folder], { ...quiet, stdio: [...quiet.stdio] });
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...requirements];
      execFileSync(path.join(folder, 'bin', 'python'), pip, { ...quiet, stdio: [...quiet.stdio] });
      writeFileSync(complete, '');
    }
    return { command: path.join(folder, 'bin', program) };
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    return { missing: (stderr?.trim() || message).split('\n').at(-1) ?? 'pip failed' };
  }
}

/**
 * A program of this machine, else one that Go builds below `.spaceport/field`, which may take 45 minutes. `version` is
 * what the right program says of itself: Midnight Commander is an mc too.
 */
export function goTool(program: string, module: string, version: RegExp): Tool {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  if (version.test(stdout ?? '')) return { command: program };
  const bin = path.join(HOME, 'bin');
  const command = path.join(bin, program);
  try {
    if (!existsSync(command)) {
      mkdirSync(bin, { recursive: true });
      const options = { env: { ...process.env, GOBIN: bin }, stdio: 'ignore' as const, timeout: GO_BUILD_MS };
      execFileSync('go', ['install', module], options);
    }
    return { command };
  } catch {
    return { missing: `neither ${program} nor a Go that builds it is on this machine` };
  }
}
