import type { S3Client } from '@aws-sdk/client-s3';
import type { Checkout } from '../../local/stack/checkout';
import { ComponentError } from '../../local/stack/component';
import { LOCAL_BUCKET } from '../../local/stack/components';
import { loadCredentials } from '../../local/stack/credentials';
import type { Endpoints } from '../../local/stack/endpoints';
import { stackS3Client, startStack } from '../../local/stack/stack';
import { findRunningStack } from '../../local/stack/state-folder';

/** A stack to work with: one of our own, or one that `npm start` runs elsewhere. */
export interface OpenStack {
  readonly endpoints: Endpoints;
  readonly bucket: string;
  /** Aborts at an interruption, and when a process of the stack ends that should not. */
  readonly signal: AbortSignal;
  readonly isOurs: boolean;
  readonly s3: S3Client;
}

export interface StackContext {
  readonly checkout: Checkout;
  readonly environment: NodeJS.ProcessEnv;
  readonly interruption: Interruption;
  readonly say: (line: string) => void;
}

/** Runs `work` with the stack that runs already, else with one that is started for it and stopped after it. */
export async function withStack<T>(context: StackContext, work: (stack: OpenStack) => Promise<T>): Promise<T> {
  const running = await findRunningStack(context.checkout.stateFolder);
  return running?.endpoints ? withRunningStack(running.endpoints, context, work) : withOwnStack(context, work);
}

async function withRunningStack<T>(
  endpoints: Endpoints,
  { checkout, interruption, say }: StackContext,
  work: (stack: OpenStack) => Promise<T>,
): Promise<T> {
  say(`Using the local stack that is running: ${endpoints.server}`);
  const s3 = stackS3Client(endpoints, await loadCredentials(checkout.stateFolder));
  try {
    return await work({ endpoints, bucket: LOCAL_BUCKET, signal: interruption.signal, isOurs: false, s3 });
  } catch (error) {
    interruption.signal.throwIfAborted();
    throw error;
  } finally {
    s3.destroy();
  }
}

/** Rejects with StackIsRunningError where one runs already. */
export async function withOwnStack<T>(
  { checkout, environment, interruption, say }: StackContext,
  work: (stack: OpenStack) => Promise<T>,
): Promise<T> {
  const stack = await startStack({ stateFolder: checkout.stateFolder, environment, say, signal: interruption.signal });
  const s3 = stackS3Client(stack.endpoints, stack.credentials);
  const died = new AbortController();
  void stack.died.then(({ name, how, logFile }) =>
    died.abort(new ComponentError(`the local ${name} ${how}; its log: ${logFile}`)),
  );
  const signal = AbortSignal.any([interruption.signal, died.signal]);
  try {
    return await work({ endpoints: stack.endpoints, bucket: stack.bucket, signal, isOurs: true, s3 });
  } catch (error) {
    // What was waiting says only that it was aborted; the signal says why.
    signal.throwIfAborted();
    throw error;
  } finally {
    say('Stopping the local stack');
    s3.destroy();
    await stack.stop();
  }
}

/** Resolves at Ctrl-C; rejects when a process of the stack ends by itself. */
export async function untilInterrupted({ signal }: OpenStack, { interruption }: StackContext): Promise<void> {
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  if (!interruption.signal.aborted) throw signal.reason;
}

/** Ctrl-C, a signal to end, or the end of the process that started this one. */
export class Interruption {
  private readonly controller = new AbortController();
  readonly signal = this.controller.signal;

  /** `say` is told that a repeated signal changes nothing: ending in order is what leaves no process behind. */
  constructor(say: (line: string) => void) {
    const interrupt = (): void => {
      if (this.signal.aborted) say('Stopping already; everything ends in its order.');
      else this.controller.abort(new InterruptedError('interrupted'));
    };
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt).on('SIGHUP', interrupt);
    process.on('disconnect', () => {
      if (!this.signal.aborted) interrupt();
    });
    process.channel?.unref();
  }
}

export class InterruptedError extends Error {}
