import { longDemo } from '../../cli/commands/long-demo';

const folder = (photos: number) => ({
  source: 'flight',
  kind: 'folder' as const,
  files: Array<{ file: string; name: string }>(photos).fill({ file: 'a.jpg', name: 'a.jpg' }),
  leftOut: 0,
});

test('a demo that takes hours on the cores at hand says so with the time, and which preset does not', () => {
  const words = longDemo('standard', folder(150), 2);
  expect(words).toMatch(/^"standard" takes [\d.]+.* h on the 2 cores of this machine/);
  expect(words).toMatch(/--preset laptop takes \d+/);
  expect(longDemo('high', folder(48), 2)).toMatch(/--preset standard takes \d+/);
  expect(longDemo('high', { ...folder(0), kind: 'archive' }, 2)).not.toBeNull();
});

test.each(['preview', 'laptop', 'standard'] as const)('a demo with the preset %s just begins', (preset) => {
  expect(longDemo(preset, null, 2)).toBeNull();
  expect(longDemo(preset, folder(48), 2)).toBeNull();
});
