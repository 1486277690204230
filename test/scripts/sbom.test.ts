import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');

test('the list of packages of the product has all that it depends on, also what development needs besides', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'spaceport-sbom-'));
  try {
    execFileSync(process.execPath, [path.join(root, 'scripts/spaceport.mjs'), 'sbom', folder]);
    const { components } = JSON.parse(readFileSync(path.join(folder, 'product.cdx.json'), 'utf8')) as {
      components: { name: string }[];
    };
    const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const listed = components.map(({ name }) => name);
    // The decoder of scenes is in the images of the container programs.
    const wanted = Object.keys(dependencies).filter((name) => !name.startsWith('@playcanvas/'));
    expect(listed).toEqual(expect.arrayContaining([...wanted, 'webpack']));
    expect(listed).not.toContain('jest');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
