import { isFolderFile, isResultFile, isShownUnpublished, mediaTypeOf } from '../../../contracts/storage/layout';

test.each(['thumbnails/DJI_0001.JPG.webp', 'thumbnails/strip-2/a.b/0001.jpg.webp', 'held-out/0009-render.webp'])(
  '%s may be published',
  (path) => {
    expect(isFolderFile(path)).toBe(true);
    expect(isResultFile(path)).toBe(false);
    expect(mediaTypeOf(path as 'thumbnails/x.webp')).toBe('image/webp');
  },
);

test.each([
  'thumbnails/../report.json.webp',
  'thumbnails/./a.webp',
  'thumbnails/a/.../b.webp',
  'thumbnails//a.webp',
  'thumbnails/',
  'thumbnails/a.webp/',
  'thumbnails/a.jpg',
  'thumbnails/a b.webp',
  'thumbnails/a%2F..%2Fb.webp',
  'thumbnails/a\nb.webp',
  'images/a.webp',
  '../thumbnails/a.webp',
  `thumbnails/${'a'.repeat(2000)}.webp`,
])('%j is no file of a published folder', (path) => expect(isFolderFile(path)).toBe(false));

test('of a result that is not published, photos and what is known of them and of the place can be seen, and nothing else', () => {
  for (const file of ['photos.json', 'scene.json', 'thumbnails/a.webp'] as const)
    expect(isShownUnpublished(file)).toBe(true);
  for (const file of ['scene.sog', 'report.json', 'model.ply'] as const) expect(isShownUnpublished(file)).toBe(false);
});

test('chunks of a streamed scene are published with the type of their ending', () => {
  expect(mediaTypeOf('scene/0_0/meta.json')).toBe('application/json');
  expect(mediaTypeOf('scene/0_0/means_l.webp')).toBe('image/webp');
  expect(isFolderFile('scene/0_0/means.png')).toBe(false);
  expect(isShownUnpublished('scene/lod-meta.json')).toBe(false);
});
