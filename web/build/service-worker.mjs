import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Writes the service worker as one classic script under a name that stays, `app/sw.js`, with the names of the files that
 * every page needs: those of the document's own entry.
 * @param {string} entry its source
 * @returns {import('vite').Plugin}
 */
export function serviceWorker(entry) {
  return {
    name: 'service-worker',
    apply: 'build',
    async writeBundle({ dir = '' }, bundle) {
      const files = shellFiles(bundle);
      const version = createHash('sha256').update(Object.keys(bundle).sort().join()).digest('hex').slice(0, 12);
      await build({
        entryPoints: [entry],
        outfile: join(dir, 'app', 'sw.js'),
        bundle: true,
        minify: true,
        format: 'iife',
        target: 'es2022',
        logLevel: 'error',
        define: { SHELL_FILES: JSON.stringify(files), SHELL_VERSION: JSON.stringify(version) },
      });
    },
  };
}

/** The document's script with all that it imports at once, and their style sheets. */
function shellFiles(bundle) {
  const found = new Set();
  const visit = (name) => {
    const chunk = bundle[name];
    if (chunk?.type !== 'chunk' || found.has(`/${name}`)) return;
    found.add(`/${name}`);
    for (const sheet of chunk.viteMetadata?.importedCss ?? []) found.add(`/${sheet}`);
    chunk.imports.forEach(visit);
  };
  for (const chunk of Object.values(bundle))
    if (chunk.type === 'chunk' && chunk.isEntry && chunk.name === 'app') visit(chunk.fileName);
  return ['/app/icon.svg', ...found];
}
