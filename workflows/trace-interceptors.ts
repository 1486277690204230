import {
  ApplicationFailure,
  ContinueAsNew,
  defaultPayloadConverter,
  proxySinks,
  workflowInfo,
  type Sinks,
  type WorkflowInterceptors,
} from '@temporalio/workflow';
import type { Headers } from '@temporalio/common';
import { parseTraceparent, spanIdOfRun, TRACE_HEADER, traceparent } from '../contracts/tracing/trace-context';

/** What a run tells its worker when it has ended. */
export interface TraceSinks extends Sinks {
  readonly trace: {
    /**
     * @param parent `traceparent` of what started the run
     * @param error its kind, without words, which may hold addresses; null where it ended well
     */
    ended(parent: string, error: string | null): void;
  };
}

/** The code of a failure, else the name of its class. */
const kindOf = (error: unknown): string =>
  error instanceof ApplicationFailure ? (error.type ?? error.name) : error instanceof Error ? error.name : 'Error';

/**
 * Passes the trace that started a run on to what the run starts, in headers: these are no commands, so that histories
 * of runs without a trace replay as they did. Without a trace nothing happens.
 */
export const interceptors = (): WorkflowInterceptors => {
  let passedOn: string | null = null;
  let parent = '';

  const withTrace = <T extends { readonly headers: Headers }>(input: T): T =>
    passedOn === null
      ? input
      : { ...input, headers: { ...input.headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(passedOn) } };

  return {
    inbound: [
      {
        async execute(input, next) {
          const header = input.headers[TRACE_HEADER];
          parent = header === undefined ? '' : String(defaultPayloadConverter.fromPayload(header));
          const started = parseTraceparent(parent);
          if (started === null) return next(input);
          passedOn = traceparent({ traceId: started.traceId, spanId: spanIdOfRun(workflowInfo().runId) });
          const { trace } = proxySinks<TraceSinks>();
          try {
            const result = await next(input);
            trace.ended(parent, null);
            return result;
          } catch (error) {
            trace.ended(parent, error instanceof ContinueAsNew ? null : kindOf(error));
            throw error;
          }
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(withTrace(input)),
        startChildWorkflowExecution: (input, next) => next(withTrace(input)),
        // The next run is started by what started this one.
        continueAsNew: (input, next) =>
          next(
            passedOn === null
              ? input
              : { ...input, headers: { ...input.headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(parent) } },
          ),
      },
    ],
  };
};
