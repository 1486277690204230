import { setTimeout as sleep } from 'node:timers/promises';
import type { Response } from 'express';
import { ApiError } from './api-error';
import type { CallFault, FaultPlan } from './fault-plan';
import { checkQuota } from './quotas';

interface CallBody {
  TrainingJobName?: string;
  ProcessingJobName?: string;
  logStreamName?: string;
  logStreamNamePrefix?: string;
  ResourceConfig?: { InstanceType?: string };
  ProcessingResources?: { ClusterConfig?: { InstanceType?: string } };
}

/** Lets the plan's faults befall one call that names a job, before it is carried out. */
export async function befallCall(plan: FaultPlan, operation: string, body: unknown, response: Response): Promise<void> {
  const call = (body ?? {}) as CallBody;
  const jobName = call.TrainingJobName ?? call.ProcessingJobName ?? (call.logStreamName ?? call.logStreamNamePrefix)?.split('/')[0];
  if (jobName === undefined) return;
  for (const fault of await plan.callFaults(operation, jobName)) await befall(fault, call, response);
}

async function befall(fault: CallFault, call: CallBody, response: Response): Promise<void> {
  switch (fault.kind) {
    case 'throttle':
      throw new ApiError('ThrottlingException', 'Rate exceeded');
    case 'server-error':
      throw new ApiError('InternalFailure', 'The fault plan says so.');
    case 'failing-logs':
      throw new ApiError('ServiceUnavailable', 'The fault plan says so.');
    case 'slow-logs':
      await sleep(fault.seconds * 1000);
      return;
    case 'drop-answer':
      response.send = () => {
        response.destroy();
        return response;
      };
      return;
    case 'quota-zero': {
      const kind = call.TrainingJobName === undefined ? 'processing' : 'training';
      const type = (call.ResourceConfig ?? call.ProcessingResources?.ClusterConfig)?.InstanceType ?? 'unknown';
      checkQuota({ [kind]: { [type]: 0 } }, kind, type, 0);
    }
  }
}
