import { readFileSync } from 'node:fs';
import path from 'node:path';

const read = (file: string): string[] => readFileSync(path.resolve(__dirname, '../..', file), 'utf8').split('\n');

/** What docker/Dockerfile takes from the checkout: its files and folders at the top. */
const copied = [
  ...new Set(
    read('docker/Dockerfile')
      .filter((line) => /^COPY (?!--from)/.test(line))
      .flatMap((line) => line.split(/\s+/).slice(1, -1))
      .map((source) => source.split('/')[0]),
  ),
];

test('what docker/Dockerfile copies, and nothing else, reaches the daemon that builds it', () => {
  const sent = read('.dockerignore').flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  expect(copied).toContain('server');
  expect([...sent].sort()).toEqual([...copied].sort());
});
