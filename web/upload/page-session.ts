import { examineInWorker } from './checks/examine-in-worker';
import { uploadMemory, type Store } from './sending/memory';
import { waitForNetwork } from './sending/persistence';
import { uploadApi } from './sending/upload-api';
import { createUploadSession } from './session';

/** The browser's storage; null where it refuses even to be asked. */
export const browserStore = ((): Store | null => {
  try {
    return localStorage;
  } catch {
    return null;
  }
})();

/** The one session of this tab: an upload goes on while other pages are looked at. */
export const pageSession = createUploadSession({
  api: uploadApi,
  memory: uploadMemory(browserStore),
  examine: examineInWorker,
  // Uppy is loaded once somebody sends.
  transfer: async (files, how) => (await import('./sending/transfer')).startTransfer(files, how),
  wait: waitForNetwork,
  randomKey: () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(''),
  now: Date.now,
});
