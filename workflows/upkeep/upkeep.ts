import type { ExpiryReport } from '../../activities/upkeep/retention';
import type { RecordWalk } from '../../activities/upkeep/record-walk';
import type { StrayReport } from '../../activities/upkeep/strays';
import { completePolicy } from '../../contracts/job/policy';
import type { UpkeepInput } from './input';
import { upkeepProxies } from './proxies';

/** What one round has done, for the Web UI. */
export interface UpkeepReport {
  readonly strays: StrayReport;
  readonly repaired: RecordWalk;
  readonly expired: ExpiryReport;
}

/**
 * One round of upkeep: SageMaker jobs that nobody waits for are stopped, records without an end are completed, files
 * whose time is over are deleted. None of the three waits for another or depends on its success; the round fails when
 * one of them does.
 */
export async function upkeep({ deployment, retention, ...input }: UpkeepInput): Promise<UpkeepReport> {
  const policy = completePolicy(input.policy);
  const { strays, records, files } = upkeepProxies(deployment, policy);
  const { upkeepAgeMs: minAgeMs, unstartedAgeMs } = policy;
  const [stopping, repairing, expiring] = await Promise.allSettled([
    strays.stopStrays.executeWithOptions({ summary: 'Stop machines that nobody waits for' }, [
      { deployment, minAgeMs },
    ]),
    records.repairRecords.executeWithOptions({ summary: 'Complete records without an end' }, [
      { deployment, minAgeMs, unstartedAgeMs },
    ]),
    files.expireFiles.executeWithOptions({ summary: 'Delete files whose time is over' }, [{ deployment, retention }]),
  ]);
  return { strays: valueOf(stopping), repaired: valueOf(repairing), expired: valueOf(expiring) };
}

function valueOf<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}
