import { longDemo } from '../../cli/commands/long-demo';

const FOLDER = {
  source: 'flight',
  kind: 'folder',
  files: Array(48).fill({ file: 'a.jpg', name: 'a.jpg' }),
  leftOut: 0,
};

test('a demo that takes hours on the cores at hand says so with the time, and which preset does not', () => {
  const words = longDemo('standard', { ...FOLDER, kind: 'folder' }, 2);
  expect(words).toMatch(/^"standard" takes [\d.]+.* h on the 2 cores of this machine/);
  expect(words).toMatch(/--preset laptop takes \d+/);
  expect(longDemo('high', { ...FOLDER, kind: 'archive' }, 2)).not.toBeNull();
});

test.each(['preview', 'laptop'] as const)('a demo with the preset %s just begins', (preset) => {
  expect(longDemo(preset, null, 2)).toBeNull();
  expect(longDemo(preset, { ...FOLDER, kind: 'folder' }, 2)).toBeNull();
});
