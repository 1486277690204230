import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const COMPRESSIBLE = /\.(js|mjs|css|svg|json|webmanifest|wasm|md)$/;
/** Smaller files fit into one packet anyway. */
const MIN_BYTES = 1400;
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

/**
 * Writes each file of the build compressed beside it, `.br` and `.gz`, so that the server compresses nothing.
 * @returns {import('vite').Plugin}
 */
export function compressedBeside() {
  return {
    name: 'compressed-beside',
    apply: 'build',
    async writeBundle({ dir = '' }) {
      const names = await readdir(dir, { recursive: true });
      for (const name of names.filter((each) => COMPRESSIBLE.test(each) && !each.startsWith('.'))) {
        const file = join(dir, name);
        const content = await readFile(file);
        if (content.length < MIN_BYTES) continue;
        await writeFile(`${file}.br`, await promisify(brotliCompress)(content, BROTLI));
        await writeFile(`${file}.gz`, await promisify(gzip)(content, { level: 9 }));
      }
    },
  };
}
