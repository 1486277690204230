import { activityInfo } from '@temporalio/activity';
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import { JOB_ID_PATTERN } from '../contracts/machines/names';
import { isStage } from '../contracts/stages/stage';
import { parseTraceparent, spanIdOfRun, TRACE_HEADER, type SpanContext } from '../contracts/tracing/trace-context';
import { logFields } from '../platform/tracing/current';
import { traced, type Tracer } from '../platform/tracing/tracer';
import type { TraceSinks } from '../workflows/trace-interceptors';

const JOB_WORKFLOW = /^(?:job|erase)-(.+)$/;

/** The job whose workflow this is; null of others. */
export function jobOfWorkflow(workflowId: string): string | null {
  const [, jobId = ''] = JOB_WORKFLOW.exec(workflowId) ?? [];
  return JOB_ID_PATTERN.test(jobId) ? jobId : null;
}

const spanOf = (headers: Headers): SpanContext | null => {
  const header = headers[TRACE_HEADER];
  return header === undefined ? null : parseTraceparent(String(defaultPayloadConverter.fromPayload(header)));
};

/** The stage that an activity is about, as its first argument names it; null where it names none. */
const stageOf = (args: readonly unknown[]): string | null => {
  const { stage } = (args[0] ?? {}) as { readonly stage?: unknown };
  return isStage(stage) ? stage : null;
};

/**
 * Makes each try of an activity a span of the trace that its workflow belongs to; and lines that it logs name job,
 * stage and trace. @param tracer null = nothing is traced
 */
export const tracedActivities =
  (tracer: Tracer | null): ActivityInterceptorsFactory =>
  () => {
    let stage: string | null = null;
    return {
      inbound: {
        execute(input, next) {
          stage = stageOf(input.args);
          const parent = tracer === null ? null : spanOf(input.headers);
          if (tracer === null || parent === null) return next(input);
          const { activityType, attempt, workflowExecution, taskQueue } = activityInfo();
          const attributes = {
            'temporal.workflow_id': workflowExecution?.workflowId,
            'temporal.task_queue': taskQueue,
            'temporal.attempt': attempt,
            'spaceport.job_id': jobOfWorkflow(workflowExecution?.workflowId ?? ''),
            'spaceport.stage': stage,
          };
          return traced(tracer, parent, { name: `activity ${activityType}`, attributes }, () => next(input));
        },
      },
      outbound: {
        getLogAttributes: (input, next) => next({ ...input, ...logFields(), ...(stage !== null && { stage }) }),
      },
    };
  };

/** Takes what runs of workflows tell at their ends. */
export const traceSinks = (tracer: Tracer | null): InjectedSinks<TraceSinks> => ({
  trace: {
    ended: {
      fn({ workflowId, workflowType, runId, startTime }, parentText, error) {
        const parent = parseTraceparent(parentText);
        if (tracer === null || parent === null) return;
        tracer.record({
          traceId: parent.traceId,
          spanId: spanIdOfRun(runId),
          parentSpanId: parent.spanId,
          name: `workflow ${workflowType}`,
          kind: 'internal',
          startMs: startTime.getTime(),
          endMs: Date.now(),
          attributes: {
            'temporal.workflow_id': workflowId,
            'temporal.run_id': runId,
            'spaceport.job_id': jobOfWorkflow(workflowId),
          },
          error,
        });
      },
      callDuringReplay: false,
    },
  },
});
