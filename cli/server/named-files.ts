import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { STREAMED_INDEX } from '../../contracts/storage/layout';

/** An index of PlayCanvas' streamed SOG: the `meta.json` of each piece. */
interface StreamedIndex {
  readonly filenames?: readonly string[];
}

/** The `meta.json` of SOG: of each property, the pictures that hold it. */
type SogMeta = Readonly<Record<string, { readonly files?: readonly string[] } | null>>;

/** A tile of 3D Tiles 1.1. */
interface Tile {
  readonly content?: { readonly uri: string };
  readonly children?: readonly Tile[];
}

const TILES_INDEX = 'tiles/tileset.json';
const inStreamed = (name: string): boolean => name.startsWith(path.posix.dirname(STREAMED_INDEX) + '/');

/**
 * Names of the files of a result that one of it leads to, in the result's own terms; none for a file that is no index.
 * They are not listed with the result: a scene of some million Gaussians has hundreds.
 * @param file where it lies
 */
export async function filesNamedIn(name: string, file: string): Promise<readonly string[]> {
  const read = async <T>(): Promise<T> => JSON.parse(await readFile(file, 'utf8')) as T;
  const below = (names: readonly string[]): string[] =>
    names.map((each) => path.posix.join(path.posix.dirname(name), each));
  if (name === STREAMED_INDEX) return below((await read<StreamedIndex>()).filenames ?? []);
  if (name === TILES_INDEX) return below(urisOf((await read<{ readonly root: Tile }>()).root));
  if (inStreamed(name) && name.endsWith('/meta.json'))
    return below(Object.values(await read<SogMeta>()).flatMap((property) => property?.files ?? []));
  return [];
}

const urisOf = ({ content, children = [] }: Tile): string[] => [
  ...(content === undefined ? [] : [content.uri]),
  ...children.flatMap(urisOf),
];
