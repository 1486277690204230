import path from 'node:path';
import { MAX_SEGMENT_BYTES } from '../../contracts/storage/upload-rules';

/** Leaves room for the folders above: PATH_MAX is 1024 on macOS, and so is the limit of a key in S3. */
const MAX_PATH_BYTES = 700;
const DRIVE = /^[a-z]:/i;
/** What no file name needs and terminals, pages or decoders stumble over: controls, line separators, noncharacters. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\ufffe\uffff]/gu;

/** Why a file is left out that would be dangerous to take, in the words of a list. */
export const UNSAFE = {
  outside: 'its path leads out of its folder ("..")',
  link: 'it is a link to another file',
  special: 'it is not a file (a device, a pipe or the like)',
} as const;

const bytes = (text: string): number => Buffer.byteLength(text);

/** A path, or the reason why the file behind it is left out. */
export type FileName =
  { readonly name: string; readonly reason: null } | { readonly name: null; readonly reason: string };

/** A path as a person can read it in a list, and as a mail can carry it. */
export const readable = (name: string): string => name.replace(UNPRINTABLE, '_');

/**
 * Turns keys of S3 and names in archives into paths of files that can lie beside each other on any machine: relative,
 * without empty and dot folders, without control characters, no file where another needs a folder, and no two that
 * only differ in case or in how accents are coded. A path that is all this already stays as it is.
 */
export class PhotoNames {
  private readonly files = new Set<string>();
  private readonly folders = new Set<string>();

  /** The file's path, unlike any that was given out before. */
  take(given: string): FileName {
    const segments = readable(given.replaceAll('\\', '/').replace(DRIVE, ''))
      .split('/')
      .filter((segment) => segment !== '' && segment !== '.');
    const refused = (reason: string): FileName => ({ name: null, reason });
    if (segments.length === 0) return refused('it has no name');
    if (segments.includes('..')) return refused(UNSAFE.outside);
    if (segments.some((segment) => bytes(segment) > MAX_SEGMENT_BYTES))
      return refused(`a name in its path is longer than ${MAX_SEGMENT_BYTES} bytes: rename it`);
    const name = this.unlikeOthers(this.withRoom(segments).join('/'));
    this.add(name);
    return { name, reason: null };
  }

  /** The path without folders where it is too long, or where one of its folders is a file already. */
  private withRoom(segments: readonly string[]): readonly string[] {
    const isTooLong = bytes(segments.join('/')) > MAX_PATH_BYTES;
    return isTooLong || parents(segments).some((folder) => this.files.has(folder)) ? segments.slice(-1) : segments;
  }

  private unlikeOthers(name: string): string {
    const { dir, name: stem, ext } = path.posix.parse(name);
    const isTaken = (candidate: string): boolean => {
      const key = comparable(candidate);
      return this.files.has(key) || this.folders.has(key);
    };
    for (let candidate = name, number = 2; ; number += 1) {
      if (!isTaken(candidate)) return candidate;
      const end = `-${number}${ext}`;
      candidate = path.posix.join(dir, shortened(stem, MAX_SEGMENT_BYTES - bytes(end)) + end);
    }
  }

  private add(name: string): void {
    this.files.add(comparable(name));
    for (const folder of parents(name.split('/'))) this.folders.add(folder);
  }
}

/** Equal for names that some file system takes for the same. */
const comparable = (name: string): string => name.normalize('NFC').toLowerCase();

/** `a`, `a/b` for `a/b/c.jpg`, as they are compared. */
const parents = (segments: readonly string[]): string[] =>
  segments.slice(1).map((_, index) => comparable(segments.slice(0, index + 1).join('/')));

/** The text's first characters, in at most this many bytes. */
function shortened(text: string, maxBytes: number): string {
  const characters = Array.from(text);
  while (bytes(characters.join('')) > maxBytes) characters.pop();
  return characters.join('');
}
