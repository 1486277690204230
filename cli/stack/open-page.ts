import { spawn } from 'node:child_process';

type Environment = Readonly<Record<string, string | undefined>>;

/** The program that opens a page for the person at this machine; null where nobody sees one, as on a server. */
export function browserProgram(environment: Environment, platform: NodeJS.Platform): string | null {
  const [named] = (environment.BROWSER ?? '').split(':');
  if (named !== undefined && named !== '') return named;
  if (platform === 'darwin') return 'open';
  return environment.DISPLAY || environment.WAYLAND_DISPLAY ? 'xdg-open' : null;
}

/** Opens a page in the person's browser, if there is one. It outlives this program, and nobody waits for it. */
export function openPage(url: string, environment: Environment): void {
  const program = browserProgram(environment, process.platform);
  if (program === null) return;
  spawn(program, [url], { stdio: 'ignore', detached: true })
    .on('error', () => undefined) // its address has been said
    .unref();
}
