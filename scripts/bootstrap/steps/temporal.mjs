/**
 * A Temporal server: the `temporal` program with its development server. Taken from where it is quickest to have: a
 * tested version on PATH, the copy that an earlier set-up left, Temporal's own download, else built with Go.
 */
import { chmodSync, copyFileSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { places, toolEnvironment } from '../places.mjs';
import { Problem } from '../problem.mjs';
import { output, runStep } from '../programs.mjs';

/** The newest version that `go install` accepts: later ones have a replace directive (temporalio/cli#907). */
const VERSION = 'v1.5.1';
/** Servers (1.29 to 1.31) of the command line tool 1.5 to 1.8, with which Spaceport is tested or known to work. */
const FIRST_SERVER = 1029;
const LAST_SERVER = 1031;
const DOWNLOAD_TIMEOUT_MS = 30_000;
const DOWNLOADER = join(dirname(fileURLToPath(import.meta.url)), 'download-temporal.cjs');

export const temporal = {
  title: 'a Temporal server',

  isDone: () => isTested(places.temporal) || isTested('temporal'),

  async run() {
    mkdirSync(dirname(places.temporal), { recursive: true });
    if (await download()) return;
    await buildWithGo();
    if (!isTested(places.temporal)) throw new Problem(`${places.temporal} was built but does not run.`);
  },
};

/** Tells by the server inside, since a program built by `go install` does not know its own version. */
function isTested(program) {
  const server = /Server (\d+)\.(\d+)\./.exec(output(program, ['--version']) ?? '');
  if (server === null) return false;
  const order = Number(server[1]) * 1000 + Number(server[2]);
  return order >= FIRST_SERVER && order <= LAST_SERVER;
}

/** Best effort: many networks do not reach the download. */
async function download() {
  const folder = join(places.home, 'temporal-download');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    const options = { env: toolEnvironment(), timeoutMs: DOWNLOAD_TIMEOUT_MS };
    await runStep('Temporal download', places.node, [DOWNLOADER, folder, VERSION], options).catch(() => {});
    const found = readdirSync(folder)
      .map((name) => join(folder, name))
      .find((file) => isTested(file));
    if (found === undefined) return false;
    const part = `${places.temporal}.part`;
    copyFileSync(found, part);
    chmodSync(part, 0o755);
    renameSync(part, places.temporal);
    return true;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function buildWithGo() {
  if (output('go', ['version']) === null) {
    throw new Problem(
      'there is no Temporal server, its download cannot be reached, and there is no Go to build one.',
      'Install the Temporal CLI (macOS: brew install temporal), or Go 1.21 or newer (macOS: brew install go; Debian 13: apt-get install golang-go; older Debian: https://go.dev/doc/install).',
    );
  }
  let packages = 0;
  const partFolder = join(places.home, 'bin', 'part');
  const install = ['install', '-v', '-trimpath', '-ldflags', '-s -w'];
  const source = `github.com/temporalio/cli/cmd/temporal@${VERSION}`;
  await runStep('Building Temporal with Go (takes minutes, once)', 'go', [...install, source], {
    env: { ...process.env, GOBIN: partFolder, CGO_ENABLED: '0' },
    describe: (line) => (line.startsWith('go: ') ? line.slice(4, 84) : `${(packages += 1)} packages compiled`),
    advice: 'Go 1.21 or newer is needed, and it must reach its module proxy.',
  });
  renameSync(join(partFolder, 'temporal'), places.temporal);
  rmSync(partFolder, { recursive: true, force: true });
}
