import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Puts message and stack of a failure into a payload, which a codec can encrypt; its type, a code of the failure table,
 * stays where it is. The SDK loads this file by its path, also into the bundle of workflows, where the codec is not.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
