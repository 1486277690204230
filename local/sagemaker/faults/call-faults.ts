import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Response } from 'express';
import { CallCounts } from '../../faults/call-counts';
import type { FaultPlanFile } from '../../faults/fault-plan-file';
import { noteFiredFault } from '../../faults/fired-faults';
import { ApiError } from '../api-error';
import { matchingCallRules, type CallFault, type SageMakerRule } from './fault-plan';
import { firedFaultsFile } from '../jobs/job-folder';
import { checkQuota } from '../api/quotas';

interface CallBody {
  TrainingJobName?: string;
  ProcessingJobName?: string;
  logStreamName?: string;
  logStreamNamePrefix?: string;
  ResourceConfig?: { InstanceType?: string };
  ProcessingResources?: { ClusterConfig?: { InstanceType?: string } };
}

/** Applies the plan's faults to calls that name a job, before they are carried out. */
export class CallFaults {
  private readonly counts: CallCounts;

  constructor(
    private readonly plan: FaultPlanFile<SageMakerRule>,
    private readonly root: string,
  ) {
    this.counts = new CallCounts(path.join(root, 'fault-counts'));
  }

  /** Rules apply in the plan's order; a fault that ends the call hides it from later rules, which do not count it. */
  async befall(operation: string, body: unknown, response: Response): Promise<void> {
    const call = (body ?? {}) as CallBody;
    const jobName =
      call.TrainingJobName ?? call.ProcessingJobName ?? (call.logStreamName ?? call.logStreamNamePrefix)?.split('/')[0];
    if (jobName === undefined) return;
    const plan = await this.plan.read();
    for (const [index, fault] of matchingCallRules(plan, operation, jobName)) {
      if (!(await this.counts.isDue(plan, index, fault))) continue;
      await noteFiredFault(firedFaultsFile(this.root), { kind: fault.kind, jobName, operation });
      await befall(fault, call, response);
    }
  }
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
