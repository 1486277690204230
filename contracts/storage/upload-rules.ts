import { ARCHIVE_ENDING, isArchive } from './location';
import { isPositionFile, MAX_POSITION_FILE_BYTES } from './position-files';
import { isUnwanted } from './unwanted-files';
import type { UploadFile } from './upload-manifest';
import { isOneLine } from '../job/words';
import type { FieldProblem } from '../messages/parsed';

export const MAX_UPLOAD_FILES = 10_000;
const GIB = 2 ** 30;
/** A photo may have 200 million pixels, which as PNG are some 600 MB. */
export const MAX_PHOTO_BYTES = GIB;
/** Of all files together, and so of an archive: 10 000 photos of 25 MB. */
export const MAX_UPLOAD_BYTES = 256 * GIB;
/** S3's limit for an object that comes in one request. */
export const MAX_PUT_BYTES = 5 * GIB;
/** S3's limits for a multipart upload. */
export const MAX_PARTS = 10_000;
const MIN_PART_BYTES = 8 * 2 ** 20;

/**
 * Bytes of every part of a file but the last: 8 MiB, so that a broken connection costs little, and more where 10 000
 * parts would not do.
 */
export const partBytes = (fileBytes: number): number =>
  Math.max(MIN_PART_BYTES, Math.ceil(fileBytes / MAX_PARTS / 2 ** 20) * 2 ** 20);

/** By the ending of a photo's name, in lower case: the formats that intake reads. */
const PHOTO_TYPES: ReadonlyMap<string, string> = new Map([
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['jpe', 'image/jpeg'],
  ['jfif', 'image/jpeg'],
  ['png', 'image/png'],
]);
const ARCHIVE_TYPES: ReadonlyMap<string, string> = new Map([
  ['zip', 'application/zip'],
  ['tar', 'application/x-tar'],
  ['tar.gz', 'application/gzip'],
  ['tgz', 'application/gzip'],
]);
/** As some systems call image/jpeg. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['image/jpg', 'image/jpeg'],
  ['image/pjpeg', 'image/jpeg'],
]);

const ending = (name: string): string => /\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';

/** Whether a file is a photo, by its name. */
export const isPhoto = (name: string): boolean => PHOTO_TYPES.has(ending(name));

/**
 * The media type that a file is stored under, by its name alone: what a client calls it never becomes the type of
 * something that a browser opens. Null where uploads take no file of such a name.
 */
export function uploadMediaType(name: string): string | null {
  const archive = ARCHIVE_ENDING.exec(name)?.[1]?.toLowerCase();
  if (archive !== undefined) return ARCHIVE_TYPES.get(archive) ?? null;
  if (isPositionFile(name)) return name.toLowerCase().endsWith('.csv') ? 'text/csv' : 'text/plain';
  return PHOTO_TYPES.get(ending(name)) ?? null;
}

const MAX_KEY_BYTES = 1024; // S3 User Guide, "Naming Amazon S3 objects"
/** NAME_MAX of ext4, APFS and NTFS. */
export const MAX_SEGMENT_BYTES = 255;
/** What UTF-8 (halves of characters) or XML cannot hold. */
const UNENCODABLE = /[\p{Cs}\ufffe\uffff]/u;
const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/**
 * What is wrong with a file's name, or null: it is a path below the photos' folder, of a kind that uploads take.
 * @param folder that the name follows in the file's key
 */
export function uploadNameProblem(name: string, folder: string): string | null {
  if (name === '') return 'must not be empty';
  if (!isOneLine(name) || UNENCODABLE.test(name))
    return 'must not hold control characters, nor marks that turn the direction of text';
  if (name.includes('\\')) return 'must separate folders with "/"';
  if (name.startsWith('/') || /^[a-z]:/i.test(name)) return 'must be a path below the folder that is sent';
  const segments = name.split('/');
  if (segments.some((segment) => segment === '..' || segment === '.')) return 'must not hold "." or ".." as a folder';
  if (segments.includes('')) return 'must not hold an empty folder or file name';
  if (segments.some((segment) => bytesOf(segment) > MAX_SEGMENT_BYTES))
    return `must not hold a folder or file name of more than ${MAX_SEGMENT_BYTES} bytes`;
  const room = MAX_KEY_BYTES - bytesOf(folder);
  if (bytesOf(name) > room) return `must have at most ${room} bytes in UTF-8`;
  if (isUnwanted(name)) return 'is a hidden file, a thumbnail or the like: leave it out';
  if (uploadMediaType(name) === null)
    return 'is of a kind that is not taken: photos (.jpg, .jpeg, .png), one archive (.zip, .tar, .tar.gz, .tgz), geo.txt, gcp_list.txt, .csv';
  return null;
}

/** What is wrong with a file's size, or null. */
export function uploadSizeProblem({ name, bytes }: Pick<UploadFile, 'name' | 'bytes'>): string | null {
  if (bytes === 0) return 'is 0: the file is empty';
  if (isArchive({ key: name })) return tooMany(bytes, MAX_UPLOAD_BYTES, 'an archive');
  if (isPositionFile(name)) return tooMany(bytes, MAX_POSITION_FILE_BYTES, 'a file of positions');
  return tooMany(bytes, MAX_PHOTO_BYTES, 'a photo');
}

const tooMany = (bytes: number, most: number, what: string): string | null =>
  bytes <= most
    ? null
    : `is too large: ${what} has ${most >= GIB ? `${most / GIB} GB` : `${most / 2 ** 20} MB`} at most`;

/**
 * Whether what a client calls a file contradicts a photo's name: a HEIC picture that was called `.jpg` is noticed before
 * it is sent. Systems disagree about the types of archives and tables, of which nothing follows.
 */
export function uploadTypeProblem(name: string, type: string): string | null {
  const [given = ''] = type.toLowerCase().split(';');
  const called = OTHER_NAMES.get(given.trim()) ?? given.trim();
  const expected = PHOTO_TYPES.get(ending(name));
  if (expected === undefined || !called.startsWith('image/') || called === expected) return null;
  return `does not fit the name, which says ${expected}`;
}

/** What is wrong with the files as a whole, or null: photos, or one archive, with files of positions beside them. */
export function uploadSetProblem(files: readonly Pick<UploadFile, 'name' | 'bytes'>[]): string | null {
  const content = files.filter(({ name }) => !isPositionFile(name));
  const archives = content.filter(({ name }) => isArchive({ key: name }));
  if (content.length === 0) return 'must hold photos or an archive, not files of positions alone';
  if (archives.length > 1) return `must hold one archive at most, not ${archives.length}: make an upload of each`;
  if (archives.length === 1 && content.length > 1)
    return 'must hold photos or an archive, not both: unpack the archive';
  if (files.reduce((sum, { bytes }) => sum + bytes, 0) > MAX_UPLOAD_BYTES)
    return `must have ${MAX_UPLOAD_BYTES / GIB} GB at most in all`;
  return null;
}

/** Problems that are named of a manifest at most. */
const MAX_PROBLEMS = 100;

/** A file of a manifest as a client announces it. */
export interface AnnouncedFile extends Pick<UploadFile, 'name' | 'bytes'> {
  /** What the client calls it, such as a browser's `File.type`. */
  readonly type?: string | undefined;
}

/**
 * What is wrong with a manifest's files, by field (`files.3.name`): the first hundred problems, none where it may be
 * sent.
 * @param folder that the names follow in the files' keys
 */
export function manifestProblems(files: readonly AnnouncedFile[], folder: string): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const seen = new Set<string>();
  for (const [index, { name, bytes, type = '' }] of files.entries()) {
    const nameProblem = uploadNameProblem(name, folder) ?? (seen.has(name) ? 'stands in the list twice' : null);
    seen.add(name);
    const found = [
      ['name', nameProblem],
      ['bytes', uploadSizeProblem({ name, bytes })],
      ['type', uploadTypeProblem(name, type)],
    ] as const;
    for (const [field, message] of found)
      if (message !== null) problems.push({ field: `files.${index}.${field}`, message });
    if (problems.length >= MAX_PROBLEMS) return problems.slice(0, MAX_PROBLEMS);
  }
  const setProblem = problems.length > 0 ? null : uploadSetProblem(files);
  return setProblem === null ? problems : [{ field: 'files', message: setProblem }];
}
