import type { WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { TRACE_HEADER, traceparent } from '../../contracts/tracing/trace-context';
import { currentSpan } from './current';

/** Workflows that are started within a span belong to its trace. */
export const tellWorkflowsOfTrace: WorkflowClientInterceptor = {
  startWithDetails(input, next) {
    const span = currentSpan();
    if (span === null) return next(input);
    const header = defaultPayloadConverter.toPayload(traceparent(span));
    return next({ ...input, headers: { ...input.headers, [TRACE_HEADER]: header } });
  },
};
