import { isArchive } from '../../../contracts/storage/location';
import { isPositionFile } from '../../../contracts/storage/position-files';
import { isUnwanted } from '../../../contracts/storage/unwanted-files';
import { isPhoto } from '../../../contracts/storage/upload-rules';
import { sentFiles, type ChosenFile, type LeftOutFile, type SortedFiles } from '../files/chosen-files';
import { setProblem } from '../files/manifest';
import { readZipDirectory, startOfEntry, UnreadableZip, type ZipEntry } from '../files/zip-directory';
import { copiesAmong } from './duplicates';
import type { Found, FoundPhoto } from './photo-checks';
import { readPhotoFacts, type PhotoFacts, type ReadStart } from './photo-facts';

/** Told with how many photos have been looked at, of how many. */
export type Report = (done: number, all: number) => void;

/** Files that are read at once: more does not make a disk faster. */
const AT_ONCE = 4;

/** Looks at the beginning of each photo, also of those in a ZIP, and for copies. Nothing is sent. */
export async function examine(sorted: SortedFiles, report: Report): Promise<Found> {
  const base = {
    positionFiles: sorted.positionFiles.map(({ name }) => name),
    leftOut: sorted.leftOut,
    setProblem: setProblem(sentFiles(sorted)),
  };
  const [archive] = sorted.archives;
  if (archive !== undefined && sorted.photos.length === 0)
    return { ...base, ...(await inArchive(archive, base, report)) };
  const copies = await copiesAmong(sorted.photos);
  const photos = await inParallel(sorted.photos, report, async ({ name, content }): Promise<FoundPhoto> => {
    const facts = await factsOf(async (bytes) => new Uint8Array(await content.slice(0, bytes).arrayBuffer()));
    return { name, bytes: content.size, facts, copyOf: copies.get(name) ?? null };
  });
  return { ...base, photos, archive: null };
}

type Beside = Pick<Found, 'positionFiles' | 'leftOut'>;

async function inArchive(
  { name, content }: ChosenFile,
  beside: Beside,
  report: Report,
): Promise<Pick<Found, 'photos' | 'archive'> & Partial<Beside>> {
  if (!name.toLowerCase().endsWith('.zip')) return { photos: [], archive: { name, state: 'unseen' } };
  try {
    const entries = await readZipDirectory(content);
    const leftOut: LeftOutFile[] = [];
    const photos: ZipEntry[] = [];
    const positionFiles: string[] = [];
    for (const entry of entries) {
      if (isUnwanted(entry.name)) leftOut.push({ name: entry.name, why: 'junk', detail: '' });
      else if (entry.encrypted)
        leftOut.push({ name: entry.name, why: 'rule', detail: 'is encrypted: pack it without a password' });
      else if (isPhoto(entry.name)) photos.push(entry);
      else if (isPositionFile(entry.name)) positionFiles.push(entry.name);
      else leftOut.push({ name: entry.name, why: 'kind', detail: endingOf(entry.name) });
    }
    const firsts = new Map<string, string>();
    const found = await inParallel(photos, report, async (entry): Promise<FoundPhoto> => {
      const sum = `${entry.crc32}/${entry.bytes}`;
      const first = firsts.get(sum) ?? null;
      if (first === null) firsts.set(sum, entry.name);
      const facts = await factsOf(async (bytes) => {
        const start = await startOfEntry(content, entry, bytes);
        if (start === null) throw new Error('the entry cannot be unpacked');
        return start;
      });
      return { name: entry.name, bytes: entry.bytes, facts, copyOf: first };
    });
    return {
      photos: found,
      archive: { name, state: 'seen' },
      positionFiles: [...beside.positionFiles, ...positionFiles],
      leftOut: [...beside.leftOut, ...leftOut],
    };
  } catch (error) {
    if (error instanceof UnreadableZip) return { photos: [], archive: { name, state: error.flaw } };
    throw error;
  }
}

const endingOf = (name: string): string =>
  isArchive({ key: name }) ? 'archives' : (/\.[^./]+$/.exec(name)?.[0] ?? '').toLowerCase();

/** Null where the browser cannot read the file any more, or not unpack it. */
const factsOf = (read: ReadStart): Promise<PhotoFacts | null> => readPhotoFacts(read).catch(() => null);

async function inParallel<T, R>(
  items: readonly T[],
  report: Report,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  let done = 0;
  const waiting = items.entries();
  const next = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      results[index] = await work(item);
      done += 1;
      report(done, items.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  return results;
}
