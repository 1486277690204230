/**
 * Compiles the TypeScript rooms into dist/, file by file, as `tsc` would: a second instead of ten. JSON that programs
 * import is copied beside. Types are checked by `npm run lint`, not here.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { places } from '../places.mjs';
import { Problem } from '../problem.mjs';
import { clearStamp, fingerprint, filesBelow, isStamped, writeStamp } from '../stamps.mjs';

const STAMP = 'typescript';
const SETTINGS = join(places.root, 'tsconfig.build.json');
const require = createRequire(join(places.root, 'package.json'));

const rooms = () => JSON.parse(readFileSync(SETTINGS, 'utf8')).include;
const inRooms = (pattern) => rooms().flatMap((room) => filesBelow(join(places.root, room), pattern));
const sources = () => inRooms(/(?<!\.d)\.ts$/);
const documents = () => inRooms(/\.json$/);
const currentState = () =>
  fingerprint({ files: [join(places.root, 'tsconfig.json'), SETTINGS, ...sources(), ...documents()] });

export const typescript = {
  title: 'compiling TypeScript into dist/',

  isDone: () => existsSync(places.dist) && isStamped(STAMP, currentState()),

  run() {
    const state = currentState();
    clearStamp(STAMP);
    const part = `${places.dist}.part`;
    rmSync(part, { recursive: true, force: true });
    compile(sources(), part);
    for (const document of documents()) copied(document, part);
    // The web application is built of its own sources, and lies in the same folder.
    if (existsSync(places.builtWeb)) renameSync(places.builtWeb, join(part, 'web'));
    rmSync(places.dist, { recursive: true, force: true });
    renameSync(part, places.dist);
    writeStamp(STAMP, state);
  },
};

function copied(document, target) {
  const copy = join(target, relative(places.root, document));
  mkdirSync(dirname(copy), { recursive: true });
  copyFileSync(document, copy);
}

function compile(files, target) {
  const ts = require('typescript');
  const { config } = ts.readConfigFile(SETTINGS, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, places.root, undefined, SETTINGS);
  const problems = [];
  for (const source of files) {
    const compiled = ts.transpileModule(readFileSync(source, 'utf8'), {
      compilerOptions: options,
      fileName: source,
      reportDiagnostics: true,
    });
    for (const { messageText, start = 0, file } of compiled.diagnostics ?? []) {
      const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1;
      problems.push(
        `    ${relative(places.root, source)}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
      );
    }
    const script = join(target, relative(places.root, source)).replace(/\.ts$/, '.js');
    mkdirSync(dirname(script), { recursive: true });
    writeFileSync(script, compiled.outputText);
    const map = {
      ...JSON.parse(compiled.sourceMapText ?? '{}'),
      sources: [relative(dirname(script), source)],
      file: basename(script),
    };
    writeFileSync(`${script}.map`, JSON.stringify(map));
  }
  if (problems.length > 0) throw new Problem(['TypeScript does not compile:', ...problems].join('\n'));
}
