/**
 * `npm run sbom -- [FOLDER]`: a list of the packages in each image (CycloneDX 1.5), `NAME.cdx.json` in the folder. Of npm
 * from the lockfile, those in the pages from their build; of Python from what is installed, with what the requirements
 * need in turn. Packages of Debian, which come with the base images, are not in it: the build of an image adds those
 * (.github/workflows/release.yml).
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { places } from '../bootstrap/places.mjs';
import { say } from '../bootstrap/say.mjs';
import { browserPackages } from './notices.mjs';

/** Names, versions and licences of the requirements in the files and of all that they need, without duplicates. */
const PYTHON_CLOSURE = `
import importlib.metadata as m, json, re, sys
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.utils import canonicalize_name
seen, open_ = {}, [Requirement(line.split('#')[0]) for f in sys.argv[1:] for line in open(f) if line.split('#')[0].strip()]
while open_:
    wanted = open_.pop()
    name = canonicalize_name(wanted.name)
    if name in seen or (wanted.marker and not wanted.marker.evaluate({'extra': ''})): continue
    meta = m.metadata(name)
    licence = meta.get('License-Expression') or meta.get('License') or ''
    seen[name] = [name, m.version(name), licence if '\\n' not in licence and len(licence) < 80 else '']
    open_ += [Requirement(text) for text in m.requires(name) or []]
print(json.dumps(sorted(seen.values())))`;

/** What CycloneDX calls a component: package URLs as its specification has them. */
const pythonComponent = ([name, version, licence]) => ({
  type: 'library',
  'bom-ref': `pkg:pypi/${name}@${version}`,
  name,
  version,
  purl: `pkg:pypi/${name}@${version}`,
  ...(licence !== '' && { licenses: [{ license: { name: licence } }] }),
});

/**
 * Of the lockfile: `npm sbom --omit=dev` leaves out what packages for development need too, such as Temporal's worker.
 * Native parts count that Linux with glibc can run, of any processor.
 */
function npmComponents() {
  const { packages } = JSON.parse(readFileSync(join(places.root, 'package-lock.json'), 'utf8'));
  const found = new Map();
  for (const [path, { version, license, dev, os, libc }] of Object.entries(packages)) {
    const name = path.split('node_modules/').at(-1) ?? '';
    if (name === '' || dev === true || os?.includes('linux') === false || libc?.includes('glibc') === false) continue;
    const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
    const licenses = license === undefined ? {} : { licenses: [{ license: { name: license } }] };
    found.set(purl, { type: 'library', 'bom-ref': purl, name, version, purl, ...licenses });
  }
  return [...found.values()];
}

function pythonComponents(programs) {
  const files = programs.map((program) => join(places.containers, program, 'requirements.txt'));
  return JSON.parse(execFileSync(places.python, ['-c', PYTHON_CLOSURE, ...files], { encoding: 'utf8' })).map(
    pythonComponent,
  );
}

/** What the pages were built from. */
const browserComponents = () =>
  browserPackages().map(([name = '', version = '', licence = '']) => {
    const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
    return { type: 'library', 'bom-ref': purl, name, version, purl, licenses: [{ license: { name: licence } }] };
  });

/** The decoder of scenes, which docker/Dockerfile puts beside the container programs and takes from everything else. */
const OF_DECODER = /^(@playcanvas|@adobe)\/|^(playcanvas|webgpu)$/;

/** What the decoder needs in turn; the product has it too. */
const BELOW_DECODER = /^(@webgpu\/types@|debug@|ms@2\.)/;

/** @returns {Record<string, object[]>} the components of each image, by its name */
function componentsOfImages() {
  const npm = npmComponents();
  const pages = browserComponents();
  const isIn = (known, { name, version }) => known.some((one) => one.name === name && one.version === version);
  const product = npm.filter(({ name }) => !OF_DECODER.test(name));
  const decoder = npm.filter(({ name }) => OF_DECODER.test(name) && name !== 'playcanvas');
  const both = [...product, ...decoder, ...pythonComponents(places.programs)];
  const below = npm.filter(({ name, version }) => BELOW_DECODER.test(`${name}@${version}`));
  const ofProgram = (program) => [
    ...pythonComponents([program]),
    ...(program === 'compression' ? [...decoder, ...below] : []),
  ];
  return {
    product: [...product, ...pages.filter((page) => !isIn(product, page))],
    sagemaker: [...both, ...pages.filter((page) => !isIn(both, page))],
    ...Object.fromEntries(places.programs.map((program) => [program, ofProgram(program)])),
  };
}

/** Returns the exit status. */
export function sbom(/** @type {string[]} */ [folder = 'sbom']) {
  const { version } = JSON.parse(readFileSync(join(places.root, 'package.json'), 'utf8'));
  mkdirSync(folder, { recursive: true });
  for (const [name, components] of Object.entries(componentsOfImages())) {
    const component = { type: 'container', 'bom-ref': `spaceport-${name}`, name: `spaceport-${name}`, version };
    const document = { bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, metadata: { component }, components };
    const file = resolve(folder, `${name}.cdx.json`);
    writeFileSync(file, `${JSON.stringify(document, null, 1)}\n`);
    say(`${file}: ${components.length} packages`);
  }
  return 0;
}
