import type { DataConverter } from '@temporalio/common';
import type { KeyRing } from './key-ring';
import { createPayloadCodec } from './payload-codec';

/** Where the SDK finds the converter of failures whose messages are encrypted. */
export const FAILURE_CONVERTER_PATH = require.resolve('./failure-converter');

/** Whether failures are written with their message in a payload: of a ring that only reads they are not. */
export const encodesFailures = (ring: KeyRing | null): boolean => ring !== null && ring.current !== null;

/** Options of every client and worker of a deployment that has keys; without, Temporal's own converter. */
export const payloadOptions = (ring: KeyRing | null): { readonly dataConverter?: DataConverter } =>
  ring === null
    ? {}
    : {
        dataConverter: {
          payloadCodecs: [createPayloadCodec(ring)],
          ...(encodesFailures(ring) && { failureConverterPath: FAILURE_CONVERTER_PATH }),
        },
      };
