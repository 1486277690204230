import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compressedBeside } from './build/compressed.mjs';
import { pictureIcons } from './build/icons.mjs';
import { serviceWorker } from './build/service-worker.mjs';

const HERE = import.meta.dirname;
/** Where the local stack answers, for `npm run dev`. */
const SERVER = process.env.SPACEPORT_URL ?? 'http://127.0.0.1:3000';
/** What the server answers itself, also while Vite serves the application: of that only what set-up has built for links. */
const SERVERS_OWN = ['/v1', '/start-job', '/docs', '/assets', '/s/', '/embed/', '^/app/[^?]*-[\\w-]{8}\\.(js|css)$'];

/**
 * The browser's application. Everything but the document has its content's hash in its name and lies below `app/`; the
 * manifest says which file an entry became, for pages that the server writes (`share`).
 */
export default defineConfig({
  root: HERE,
  plugins: [react(), pictureIcons(), serviceWorker(resolve(HERE, 'pwa/sw.ts')), compressedBeside()],
  build: {
    outDir: resolve(HERE, '../dist/web'),
    emptyOutDir: true,
    assetsDir: 'app',
    manifest: true,
    license: { fileName: 'app/licences.md' },
    target: 'es2023',
    // Workers and style sheets are files of their own: the policy of the pages allows nothing inline.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      input: { app: resolve(HERE, 'index.html'), share: resolve(HERE, 'share/share.ts') },
    },
  },
  worker: { format: 'es' },
  // With what workers import: packages that are found later make Vite load a page again, and chosen photos are gone.
  optimizeDeps: { entries: ['index.html', '**/*.worker.ts'] },
  server: {
    host: '127.0.0.1',
    port: 5173,
    strictPort: true, // the local storage lets pages of this address alone in
    proxy: Object.fromEntries(SERVERS_OWN.map((path) => [path, { target: SERVER }])),
  },
});
