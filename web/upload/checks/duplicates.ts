/** A file whose content may be that of another one. */
export interface Comparable {
  readonly name: string;
  readonly content: Blob;
}

const PIECE_BYTES = 2 ** 20;

/**
 * Files with the content of an earlier one: name -> the earlier one's name. Only files of the same size are read, and
 * no further than they agree.
 */
export async function copiesAmong(files: readonly Comparable[]): Promise<ReadonlyMap<string, string>> {
  const bySize = Map.groupBy(files, ({ content }) => content.size);
  const copies = new Map<string, string>();
  for (const group of bySize.values()) {
    const unlike: Comparable[] = [];
    for (const file of group) {
      const earlier = await firstLike(unlike, file);
      if (earlier === null) unlike.push(file);
      else copies.set(file.name, earlier.name);
    }
  }
  return copies;
}

async function firstLike(others: readonly Comparable[], file: Comparable): Promise<Comparable | null> {
  for (const other of others) if (await isSame(other.content, file.content)) return other;
  return null;
}

async function isSame(one: Blob, other: Blob): Promise<boolean> {
  for (let at = 0; at < one.size; at += PIECE_BYTES) {
    const [ours, theirs] = await Promise.all([one, other].map((blob) => piece(blob, at)));
    if (ours === undefined || theirs === undefined || ours.some((byte, index) => byte !== theirs[index])) return false;
  }
  return true;
}

const piece = async (blob: Blob, at: number): Promise<Uint8Array> =>
  new Uint8Array(await blob.slice(at, at + PIECE_BYTES).arrayBuffer());
