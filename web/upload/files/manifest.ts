import type { paths } from '../../../contracts/generated/api';
import { MAX_UPLOAD_FILES, uploadSetProblem } from '../../../contracts/storage/upload-rules';
import { nameFromFiles } from '../../../contracts/storage/upload-manifest';
import { inOneLine, MAX_JOB_NAME_LENGTH } from '../../../contracts/job/words';
import type { ChosenFile } from './chosen-files';

/** The body of `POST /v1/uploads`. */
export type Manifest = paths['/v1/uploads']['post']['requestBody']['content']['application/json'];

/** Announces files under the names that they have here. */
export const manifestOf = (name: string | null, files: readonly ChosenFile[]): Manifest => ({
  name,
  files: files.map(({ name: path, content }) => ({
    name: path,
    bytes: content.size,
    modifiedAt: new Date(content.lastModified).toISOString(),
    ...(content.type !== '' && { type: content.type }),
  })),
});

/** What is wrong with the files as a whole, by the server's rules, or null. */
export function setProblem(files: readonly ChosenFile[]): string | null {
  if (files.length > MAX_UPLOAD_FILES) return `must hold at most ${MAX_UPLOAD_FILES} files`;
  return uploadSetProblem(sizesOf(files));
}

const sizesOf = (files: readonly ChosenFile[]): { readonly name: string; readonly bytes: number }[] =>
  files.map(({ name, content }) => ({ name, bytes: content.size }));

export const bytesOf = (files: readonly ChosenFile[]): number =>
  files.reduce((sum, { content }) => sum + content.size, 0);

/** What the job may be called, by the folder or the archive of its photos; empty where they have none in common. */
export const suggestedName = (files: readonly ChosenFile[]): string =>
  Array.from(inOneLine(nameFromFiles(sizesOf(files)) ?? ''))
    .slice(0, MAX_JOB_NAME_LENGTH)
    .join('');

/** A file of an upload that the server waits for. */
export interface AwaitedFile {
  readonly name: string;
  readonly bytes: number;
}

/** How chosen files fit an upload that was begun before. */
export interface Continuation<A extends AwaitedFile> {
  /** What is to be sent, under the names that the upload knows. */
  readonly send: readonly { readonly awaited: A; readonly file: ChosenFile }[];
  /** Awaited files that are not among the chosen ones. */
  readonly absent: readonly A[];
}

/**
 * Finds the files that an upload still waits for among those that were chosen again: by path and size; where a folder
 * was chosen above or below the one of before, by the end of the path, if that tells one file alone.
 */
export function continuation<A extends AwaitedFile>(
  awaited: readonly A[],
  chosen: readonly ChosenFile[],
): Continuation<A> {
  const exact = new Map(chosen.map((file) => [file.name, file]));
  const byBase = new Map<string, ChosenFile[]>();
  for (const file of chosen) byBase.set(baseOf(file.name), [...(byBase.get(baseOf(file.name)) ?? []), file]);
  const fits = ({ name, bytes }: AwaitedFile, { name: path, content }: ChosenFile): boolean =>
    content.size === bytes && (path.endsWith(`/${name}`) || name.endsWith(`/${path}`));
  const send: { awaited: A; file: ChosenFile }[] = [];
  const absent: A[] = [];
  for (const one of awaited) {
    const same = exact.get(one.name);
    const others = (byBase.get(baseOf(one.name)) ?? []).filter((file) => fits(one, file));
    const file = same?.content.size === one.bytes ? same : others.length === 1 ? others[0] : undefined;
    if (file === undefined) absent.push(one);
    else send.push({ awaited: one, file });
  }
  return { send, absent };
}

const baseOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
