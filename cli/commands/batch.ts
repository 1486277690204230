import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { components, paths } from '../../contracts/generated/api';
import { UsageError } from '../usage-error';
import { answered, type SpaceportApi } from '../server/spaceport-api';

type StartedBatch = components['schemas']['StartedBatch'];
type BatchRequest = paths['/v1/batches']['post']['requestBody']['content']['application/json'];

/**
 * Starts the batch that a file describes, as the body of `POST /v1/batches`: the server says what is wrong with it. The
 * same file is the same batch, so that a command whose answer was lost may be given again. Throws UsageError where the
 * file is no JSON.
 */
export async function startBatch(file: string, { routes }: SpaceportApi): Promise<StartedBatch> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  });
  const params = { header: { 'Idempotency-Key': createHash('sha256').update(text).digest('hex') } };
  return answered(routes.POST('/v1/batches', { params, body: parsed(text, file) }));
}

function parsed(text: string, file: string): BatchRequest {
  try {
    return JSON.parse(text) as BatchRequest;
  } catch {
    throw new UsageError(`${file} is not JSON`);
  }
}

/** What `batch` prints. */
export const startedBatch = ({ batchId, jobs, statusUrl }: StartedBatch): string =>
  [`Batch ${batchId} has started: ${statusUrl}`, ...jobs].join('\n');
