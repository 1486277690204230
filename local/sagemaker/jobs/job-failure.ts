/** Ends a job as Failed with a reason in AWS's shape, `<Class>Error: <text>`. Any other error is a platform error. */
export class JobFailure extends Error {
  constructor(readonly reason: string) {
    super(reason);
    this.name = 'JobFailure';
  }
}

/**
 * Runs a transfer and turns what the user is to blame for (a bucket that does not exist, a key refused: HTTP 4xx) into
 * `ClientError: <what> <cause>`. What S3 or the network is to blame for stays as it is.
 */
export async function blamingClient<T>(what: string, transfer: () => Promise<T>): Promise<T> {
  try {
    return await transfer();
  } catch (error) {
    const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
    if (status === undefined || status < 400 || status >= 500) throw error;
    throw new JobFailure(`ClientError: ${what} ${(error as Error).name}: ${(error as Error).message}`);
  }
}
