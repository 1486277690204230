import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../http/problem';

/** What the build has made of one of its sources. */
export interface BuiltFiles {
  /** Below the address of the pages, without a slash before it: `app/share-BIb72MWu.js`. */
  readonly script: string;
  /** What that imports before it runs, itself among them. */
  readonly scripts: readonly string[];
  readonly css: readonly string[];
}

/** What the manifest of Vite's build tells of one file. */
interface Chunk {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
}

/**
 * Finds what became of sources of web/, each an entry of its build or a part that is loaded by itself. Throws NOT_BUILT
 * where set-up has not made it.
 * @param folder that of the build
 */
export async function builtFiles(folder: string): Promise<(source: string) => BuiltFiles> {
  const text = await readFile(join(folder, '.vite', 'manifest.json'), 'utf8').catch((cause: unknown) => {
    throw new Problem('NOT_BUILT', 'the pages have not been built here: run `npm run setup`', [], { cause });
  });
  const chunks = JSON.parse(text) as Readonly<Record<string, Chunk>>;
  return (source) => {
    const seen = new Map<string, Chunk>();
    const visit = (name: string): void => {
      const chunk = chunks[name];
      if (chunk === undefined || seen.has(name)) return;
      for (const imported of chunk.imports ?? []) visit(imported);
      seen.set(name, chunk);
    };
    visit(source);
    const all = [...seen.values()];
    return {
      script: chunks[source]?.file ?? '',
      scripts: all.map(({ file }) => file),
      css: [...new Set(all.flatMap(({ css = [] }) => css))],
    };
  };
}
