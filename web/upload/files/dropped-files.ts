import type { ChosenFile } from './chosen-files';

/** What of the browser's FileSystemEntry is used. */
interface Entry {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly name: string;
}
interface FileEntry extends Entry {
  file(found: (file: File) => void, failed: (error: unknown) => void): void;
}
interface FolderEntry extends Entry {
  createReader(): {
    readEntries(found: (entries: readonly Entry[]) => void, failed: (error: unknown) => void): void;
  };
}

/** An item of a DataTransfer. */
export interface DroppedItem {
  readonly kind: string;
  webkitGetAsEntry?(): Entry | null;
  getAsFile(): File | null;
}

/** Files of what was dropped, and the paths of those that the browser could not open. */
export interface DroppedFiles {
  readonly files: readonly ChosenFile[];
  readonly unreadable: readonly string[];
}

/**
 * The files among dropped items, with those of all folders below, under their paths. The items must be handed over
 * within the event: the browser empties the list afterwards.
 */
export async function fromDrop(items: Iterable<DroppedItem>): Promise<DroppedFiles> {
  const found: ChosenFile[] = [];
  const unreadable: string[] = [];
  const entries: Entry[] = [];
  for (const item of items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry?.() ?? null;
    const file = entry === null ? item.getAsFile() : null;
    if (entry !== null) entries.push(entry);
    else if (file !== null) found.push({ name: file.name, content: file });
  }
  const walk = async (entry: Entry, folder: string): Promise<void> => {
    const name = folder + entry.name;
    try {
      if (isFile(entry)) found.push({ name, content: await new Promise<File>((take, fail) => entry.file(take, fail)) });
      else if (isFolder(entry)) for (const child of await childrenOf(entry)) await walk(child, `${name}/`);
    } catch {
      unreadable.push(name);
    }
  };
  for (const entry of entries) await walk(entry, '');
  found.sort((one, other) => (one.name < other.name ? -1 : 1));
  return { files: found, unreadable };
}

const isFile = (entry: Entry): entry is FileEntry => entry.isFile;
const isFolder = (entry: Entry): entry is FolderEntry => entry.isDirectory;

/** Chromium gives a hundred entries at a time: the folder is at its end when a reading gives none. */
async function childrenOf(folder: FolderEntry): Promise<readonly Entry[]> {
  const reader = folder.createReader();
  const children: Entry[] = [];
  for (;;) {
    const more = await new Promise<readonly Entry[]>((take, fail) => reader.readEntries(take, fail));
    if (more.length === 0) return children;
    children.push(...more);
  }
}
