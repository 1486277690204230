/** Ends a job as Failed with a reason in AWS's shape, `<Class>Error: <text>`. Any other error is a platform error. */
export class JobFailure extends Error {
  constructor(readonly reason: string) {
    super(reason);
    this.name = 'JobFailure';
  }
}

/**
 * Runs a transfer and turns errors of the user (a bucket that does not exist, a refused key: HTTP 4xx) into
 * `ClientError: <what> <cause>`. Errors of S3 or the network stay as they are.
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
