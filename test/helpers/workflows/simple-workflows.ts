import { condition } from '@temporalio/workflow';

/** A workflow that ends with what it was given. */
export async function completesAtOnce(result: unknown): Promise<unknown> {
  return result;
}

/** A workflow that stays open. */
export async function staysOpen(): Promise<void> {
  await condition(() => false);
}
