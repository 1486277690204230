import { fromInput, sentFiles, sortFiles, withMore } from '../../../web/upload/files/chosen-files';
import { fromDrop, type DroppedItem } from '../../../web/upload/files/dropped-files';
import { continuation, manifestOf, setProblem, suggestedName } from '../../../web/upload/files/manifest';
import { MANIFEST } from '../../../server/uploads/schemas';
import { manifestProblems } from '../../../contracts/storage/upload-rules';
import { chosen } from './chosen';

test('of a folder photos and positions are sent, and the rest is named with the reason', () => {
  const files = [
    chosen('flight/DJI_0001.JPG'),
    chosen('flight/DJI_0002.png'),
    chosen('flight/geo.txt'),
    chosen('flight/.DS_Store'),
    chosen('flight/Thumbs.db'),
    chosen('flight/MISC/THM/100/DJI_0001.JPG'),
    chosen('flight/@eaDir/DJI_0001.JPG/x.jpg'),
    chosen('flight/DJI_0003.MP4'),
    chosen('flight/DJI_0004.DNG'),
    chosen('flight/notes'),
    chosen('flight/empty.jpg', 0),
    chosen('flight/phone.jpg', 10, 'image/heic'),
  ];
  const sorted = sortFiles(files);
  expect(sentFiles(sorted).map(({ name }) => name)).toEqual([
    'flight/DJI_0001.JPG',
    'flight/DJI_0002.png',
    'flight/geo.txt',
  ]);
  expect(sorted.leftOut.map(({ name, why, detail }) => [name.slice(7), why, detail])).toEqual([
    ['.DS_Store', 'junk', ''],
    ['Thumbs.db', 'junk', ''],
    ['MISC/THM/100/DJI_0001.JPG', 'junk', ''],
    ['@eaDir/DJI_0001.JPG/x.jpg', 'junk', ''],
    ['DJI_0003.MP4', 'kind', '.mp4'],
    ['DJI_0004.DNG', 'kind', '.dng'],
    ['notes', 'kind', ''],
    ['empty.jpg', 'rule', 'is 0: the file is empty'],
    ['phone.jpg', 'rule', 'does not fit the name, which says image/jpeg'],
  ]);
});

test('what is announced is what the server takes', () => {
  const files = sentFiles(sortFiles([chosen('Blüte #1/a.jpg', 10, 'image/jpeg'), chosen('Blüte #1/b.JPG', 20)]));
  const body = MANIFEST.parse(manifestOf('Quarry', files));
  expect(manifestProblems(body.files, 'uploads/local/x/photos/')).toEqual([]);
  expect(body.files.map(({ name, bytes }) => [name, bytes])).toEqual([
    ['Blüte #1/a.jpg', 10],
    ['Blüte #1/b.JPG', 20],
  ]);
  expect(suggestedName(files)).toBe('Blüte #1');
});

test.each([
  ['an archive beside photos', [chosen('a.zip'), chosen('b.jpg')], /unpack the archive/],
  ['two archives', [chosen('a.zip'), chosen('b.zip')], /one archive at most/],
  ['positions alone', [chosen('geo.txt')], /photos or an archive/],
])('%s are refused before they are sent', (_what, files, words) => {
  expect(setProblem(files)).toMatch(words);
});

test('the same folder chosen twice is one, and another file of a name is told', () => {
  const first = [chosen('f/a.jpg', 10), chosen('f/b.jpg', 10)];
  const again = withMore(first, [chosen('f/a.jpg', 10), chosen('f/b.jpg', 11), chosen('f/c.jpg', 10)]);
  expect(again.files.map(({ name }) => name)).toEqual(['f/a.jpg', 'f/b.jpg', 'f/c.jpg']);
  expect(again.clashes).toEqual([{ name: 'f/b.jpg', why: 'same name', detail: '' }]);
});

describe('of an upload that was begun before', () => {
  const awaited = ['flight/1/a.jpg', 'flight/2/a.jpg', 'flight/b.jpg'].map((name) => ({ name, bytes: 10 }));
  const sent = (files: Parameters<typeof continuation>[1]) => {
    const { send, absent } = continuation(awaited, files);
    return {
      send: send.map((each) => `${each.awaited.name} < ${each.file.name}`),
      absent: absent.map(({ name }) => name),
    };
  };

  test('the missing files of the same folder go, and no others', () => {
    const folder = [...awaited.map(({ name }) => chosen(name)), chosen('flight/arrived.jpg')];
    expect(sent(folder)).toEqual({
      send: awaited.map(({ name }) => `${name} < ${name}`),
      absent: [],
    });
  });

  test('a folder above or below the one of before is known by the ends of its paths', () => {
    expect(sent([chosen('1/a.jpg'), chosen('2/a.jpg'), chosen('b.jpg')]).absent).toEqual([]);
    expect(sent([chosen('card/flight/1/a.jpg'), chosen('card/flight/2/a.jpg')]).absent).toEqual(['flight/b.jpg']);
  });

  test('a file that was changed, and one that may be either of two, is not taken for it', () => {
    expect(sent([chosen('flight/b.jpg', 11), chosen('a.jpg')])).toEqual({
      send: ['flight/1/a.jpg < a.jpg', 'flight/2/a.jpg < a.jpg'],
      absent: ['flight/b.jpg'],
    });
  });
});

describe('dropped folders', () => {
  const file = (name: string) => ({
    isFile: true,
    isDirectory: false,
    name,
    file: (found: (file: File) => void) => found(chosen(name).content),
  });
  const folder = (name: string, children: readonly unknown[], fails = false) => ({
    isFile: false,
    isDirectory: true,
    name,
    createReader() {
      let at = 0;
      return {
        readEntries(found: (entries: readonly never[]) => void, failed: (error: unknown) => void) {
          if (fails) return void failed(new Error('NotReadableError'));
          found(children.slice(at, at + 100) as never[]);
          at += 100;
        },
      };
    },
  });
  const item = (entry: unknown): DroppedItem => ({
    kind: 'file',
    webkitGetAsEntry: () => entry as ReturnType<NonNullable<DroppedItem['webkitGetAsEntry']>>,
    getAsFile: () => null,
  });

  test('of more than a hundred entries are read to their end, with all folders below', async () => {
    const many = Array.from({ length: 250 }, (_, index) => file(`DJI_${String(index).padStart(4, '0')}.JPG`));
    const { files, unreadable } = await fromDrop([item(folder('flight', [...many, folder('b', [file('x.jpg')])]))]);
    expect(files).toHaveLength(251);
    expect([files[0]?.name, files.at(-1)?.name]).toEqual(['flight/DJI_0000.JPG', 'flight/b/x.jpg']);
    expect(unreadable).toEqual([]);
  });

  test('one that cannot be opened is named, and loses nothing else', async () => {
    const { files, unreadable } = await fromDrop([
      item(folder('flight', [folder('closed', [], true), file('a.jpg')])),
      { kind: 'string', getAsFile: () => null },
      { kind: 'file', getAsFile: () => chosen('single.jpg').content },
    ]);
    expect(files.map(({ name }) => name)).toEqual(['flight/a.jpg', 'single.jpg']);
    expect(unreadable).toEqual(['flight/closed']);
  });
});

test('files of a folder that was chosen keep its paths', () => {
  const one = Object.assign(chosen('a.jpg').content, { webkitRelativePath: 'flight/a.jpg' });
  expect(fromInput([one, chosen('b.jpg').content]).map(({ name }) => name)).toEqual(['flight/a.jpg', 'b.jpg']);
});
