import { isArchive } from '../../../contracts/storage/location';
import { isUnwanted } from '../../../contracts/storage/unwanted-files';
import {
  isPhoto,
  uploadMediaType,
  uploadNameProblem,
  uploadSizeProblem,
  uploadTypeProblem,
} from '../../../contracts/storage/upload-rules';

/** A file that a person has chosen or dropped. */
export interface ChosenFile {
  /** Path with slashes, from the chosen folder's own name on. */
  readonly name: string;
  readonly content: File;
}

/** Why a file is not sent: `detail` is the ending of its name, the rule that it breaks, or '' where the code says all. */
export interface LeftOutFile {
  readonly name: string;
  readonly why: 'junk' | 'kind' | 'rule' | 'same name';
  readonly detail: string;
}

/** Chosen files by what they are to an upload. */
export interface SortedFiles {
  readonly photos: readonly ChosenFile[];
  readonly archives: readonly ChosenFile[];
  /** Tables and lists of positions (geo.txt, gcp_list.txt, .csv). */
  readonly positionFiles: readonly ChosenFile[];
  readonly leftOut: readonly LeftOutFile[];
}

/** As long as the folders that the server puts an upload into: `uploads/<tenant>/<id>/photos/`. */
const FOLDER_ROOM = 'uploads/'.length + 64 + 34 + 'photos/'.length;

/** Decides of each file whether it is sent, by the rules that the server has too. */
export function sortFiles(files: readonly ChosenFile[]): SortedFiles {
  const photos: ChosenFile[] = [];
  const archives: ChosenFile[] = [];
  const positionFiles: ChosenFile[] = [];
  const leftOut: LeftOutFile[] = [];
  for (const file of files) {
    const refused = refusal(file);
    if (refused !== null) leftOut.push({ name: file.name, ...refused });
    else if (isArchive({ key: file.name })) archives.push(file);
    else if (isPhoto(file.name)) photos.push(file);
    else positionFiles.push(file);
  }
  return { photos, archives, positionFiles, leftOut };
}

function refusal({ name, content: { size: bytes, type } }: ChosenFile): Omit<LeftOutFile, 'name'> | null {
  if (isUnwanted(name)) return { why: 'junk', detail: '' };
  if (uploadMediaType(name) === null) return { why: 'kind', detail: endingOf(name) };
  // A browser reads the type off the name, except where the person's system knows better.
  const rule =
    uploadNameProblem(name, 'x'.repeat(FOLDER_ROOM)) ??
    uploadSizeProblem({ name, bytes }) ??
    uploadTypeProblem(name, type);
  return rule === null ? null : { why: 'rule', detail: rule };
}

const endingOf = (name: string): string => /\.[^./]+$/.exec(name)?.[0]?.toLowerCase() ?? '';

/** All that is sent, photos first. */
export const sentFiles = ({ photos, archives, positionFiles }: Omit<SortedFiles, 'leftOut'>): readonly ChosenFile[] => [
  ...photos,
  ...archives,
  ...positionFiles,
];

/**
 * The files with more of them. A file that is there already (the same folder is chosen twice) is not added; another one
 * of the same name is named in `clashes`: one of the two would overwrite the other.
 */
export function withMore(
  files: readonly ChosenFile[],
  more: readonly ChosenFile[],
): { readonly files: readonly ChosenFile[]; readonly clashes: readonly LeftOutFile[] } {
  const known = new Map(files.map((file) => [file.name, file]));
  const clashes: LeftOutFile[] = [];
  for (const file of more) {
    const earlier = known.get(file.name);
    if (earlier === undefined) known.set(file.name, file);
    else if (!isSameFile(earlier.content, file.content))
      clashes.push({ name: file.name, why: 'same name', detail: '' });
  }
  return { files: [...known.values()], clashes };
}

const isSameFile = (one: File, other: File): boolean =>
  one.size === other.size && one.lastModified === other.lastModified;

/** The files of an `<input type=file>`: of a folder with their paths, else with their names. */
export const fromInput = (files: Iterable<File & { readonly webkitRelativePath?: string }>): ChosenFile[] =>
  Array.from(files, (content) => ({ name: content.webkitRelativePath || content.name, content }));
