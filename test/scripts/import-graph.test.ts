import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');
const ROOMS = [
  'contracts',
  'workflows',
  'activities',
  'platform',
  'workers',
  'server',
  'local',
  'cli',
  'web',
  'bench',
  'infra',
  'test',
];
const MAX_FILES = 14;
const IMPORT = /\b(?:from|import|require)\s*\(?\s*'(\.[^']*)'/g;

const sources = ROOMS.flatMap((room) =>
  readdirSync(path.join(ROOT, room), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.parentPath.includes('node_modules'))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name))),
);

/** The files that each file imports, types included. */
const imports = new Map(
  sources.map((file) => {
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    const targets = [...text.matchAll(IMPORT)].map(([, name = '']) => path.join(path.dirname(file), name));
    return [
      file,
      targets.flatMap((target) => [`${target}.ts`, `${target}.tsx`]).filter((target) => sources.includes(target)),
    ];
  }),
);

/** A circle of imports that is reached from `file`, as the files along it; null without one. */
function circleFrom(file: string, above: readonly string[], done: Set<string>): string[] | null {
  if (above.includes(file)) return [...above.slice(above.indexOf(file)), file];
  if (done.has(file)) return null;
  for (const target of imports.get(file) ?? []) {
    const circle = circleFrom(target, [...above, file], done);
    if (circle !== null) return circle;
  }
  done.add(file);
  return null;
}

test('no import runs in a circle, type imports included', () => {
  expect([...imports.values()].flat().length).toBeGreaterThan(1000);
  const done = new Set<string>();
  const circles = sources.map((file) => circleFrom(file, [], done)?.join(' -> ')).filter(Boolean);
  expect(circles).toEqual([]);
});

test(`no folder of TypeScript holds more than ${MAX_FILES} files directly`, () => {
  const counts = new Map<string, number>();
  for (const file of sources) counts.set(path.dirname(file), (counts.get(path.dirname(file)) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count > MAX_FILES)).toEqual([]);
});
