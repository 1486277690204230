import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** The services of docker-compose.yml, each with its lines. */
function services(): ReadonlyMap<string, string> {
  const [, all = ''] = read('docker-compose.yml').split(/^services:\n/m);
  const [of = ''] = all.split(/^\S/m);
  const parts = of.split(/^ {2}([\w-]+):\n/m).slice(1);
  return new Map(parts.flatMap((name, index) => (index % 2 === 0 ? [[name, parts[index + 1] ?? ''] as const] : [])));
}

test('npm run test:compose has an image for every service where none can be fetched, but for Grafana', () => {
  const standIns = [...read('scripts/compose-test/own-images.sh').matchAll(/^ {2}make_own_image (\S+)/gm)].map(
    ([, name]) => name,
  );
  const fetched = [...services()].flatMap(([name, lines]) => (/^ {4}image:/m.test(lines) ? [name] : []));
  const built = [...services()].filter(([, lines]) => /<<: \*product|^ {4}build:/m.test(lines));
  expect(built.length).toBeGreaterThan(0);
  expect(fetched.length + built.length).toBe(services().size);
  expect([...standIns, 'grafana'].sort()).toEqual(fetched.sort());
});

test('npm run test:compose restarts every service that people rely on', () => {
  const [, restarted = ''] = /^SERVICES=\((.*)\)$/m.exec(read('scripts/compose-test/durability.sh')) ?? [];
  const lasting = [...services()].flatMap(([name, lines]) =>
    /restart: |profiles: \[observe\]/.test(lines) ? [] : [name],
  );
  expect(restarted.split(' ').sort()).toEqual(lasting.sort());
});

test('the scripts around containers are ones that a shell understands', () => {
  const scripts = ['docker', 'scripts/compose-test', 'scripts/stand-ins'].flatMap((folder) =>
    readdirSync(path.join(root, folder))
      .filter((name) => name.endsWith('.sh'))
      .map((name) => path.join(folder, name)),
  );
  expect(scripts).toContain('docker/backup.sh');
  for (const script of [...scripts, 'scripts/check-images.sh']) {
    const shell = /^#!\/bin\/sh/.test(read(script)) ? 'sh' : 'bash';
    execFileSync(shell, ['-n', script], { cwd: root });
  }
});
