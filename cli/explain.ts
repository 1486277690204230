import { ComponentError } from '../local/stack/component';
import { StackIsRunningError } from '../local/stack/state-folder';
import { StorageError } from './server/persistently';
import { ApiError } from './server/spaceport-api';
import { InterruptedError } from './stack/open-stack';
import { UsageError } from './usage-error';

/** Expected problems in a sentence; others with where they come from. */
export function explain(error: unknown): string {
  if (error instanceof InterruptedError) return 'interrupted';
  const expected = [UsageError, ApiError, StorageError, StackIsRunningError, ComponentError].some(
    (kind) => error instanceof kind,
  );
  if (expected) return (error as Error).message;
  const cause = networkCause(error);
  if (cause !== null) return `the server is not reached: ${cause}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Why `fetch` reached no server; null for other errors. Of several addresses of a name there is only a code. */
function networkCause(error: unknown): string | null {
  if (!(error instanceof TypeError) || !(error.cause instanceof Error)) return null;
  const { message, code } = error.cause as NodeJS.ErrnoException;
  return message || (code ?? null);
}
