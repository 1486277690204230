import type { Payload, PayloadCodec } from '@temporalio/common';
import { z } from 'zod';
import { UnreadablePayloadError } from '../../platform/payloads/payload-codec';
import { onlyOperators } from '../access/caller';
import { invalidRequest } from '../http/request-schemas';
import { route, type Route } from '../http/route';

const TAG = 'Payloads';
/** Temporal's own limit of a message: a page of a history is no larger. */
const MAX_BODY_BYTES = 4 * 2 ** 20;

const base64 = z.base64('must be base64');
const EXAMPLE = { payloads: [{ metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: 'InNlY29uZHMi' }] };
/** As Temporal's Web UI and CLI send it: the JSON form of `temporal.api.common.v1.Payloads`. */
const PAYLOADS = z
  .object({
    payloads: z.array(z.object({ metadata: z.record(z.string(), base64).default({}), data: base64.default('') })),
  })
  .meta({ examples: [EXAMPLE] });

/** Below this path the Web UI may ask from its own origin. */
export const CODEC_PATH = '/codec/';

/** Temporal's codec protocol, for the Web UI and the CLI. Payloads are of all tenants: it is for operators alone. */
export const codecRoutes = (codec: PayloadCodec): Route[] => [
  codecRoute('decode', 'Make payloads of Temporal readable', codec.decode),
  codecRoute('encode', 'Encrypt payloads for Temporal', codec.encode),
];

const codecRoute = (name: 'decode' | 'encode', summary: string, work: PayloadCodec['decode']): Route =>
  route(
    {
      method: 'post',
      path: `${CODEC_PATH}${name}`,
      operation: `${name}Payloads`,
      tag: TAG,
      summary,
      description: 'The protocol of codec servers of Temporal. For operators: administrators of the tenant `local`.',
      scope: 'admin',
      body: PAYLOADS,
      example: EXAMPLE,
      maxBodyBytes: MAX_BODY_BYTES,
      answers: { 200: { description: 'The same payloads, in the same order', schema: PAYLOADS } },
    },
    async ({ caller, body }) => {
      onlyOperators(caller, 'payloads');
      try {
        return { status: 200, body: { payloads: (await work(body.payloads.map(fromJson))).map(toJson) } };
      } catch (error) {
        if (!(error instanceof UnreadablePayloadError)) throw error;
        throw invalidRequest([{ field: 'payloads', message: `cannot all be read: of one ${error.message}` }]);
      }
    },
  );

type PayloadJson = z.output<typeof PAYLOADS>['payloads'][number];

const fromJson = ({ metadata, data }: PayloadJson): Payload => ({
  metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')])),
  data: Buffer.from(data, 'base64'),
});

const toJson = ({ metadata, data }: Payload): PayloadJson => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  ),
  data: Buffer.from(data ?? []).toString('base64'),
});
