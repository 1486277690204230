import type { JobRecord } from '../contracts/job-record';
import type { Policy } from '../contracts/policy';
import { activityProxies } from './activity-proxies';

export interface DeliveryInput {
  readonly deployment: string;
  readonly policy: Policy;
  readonly record: JobRecord;
  readonly pageUrl: string;
  readonly messageId: string;
}

/** One notification to one destination, tried until it is taken, refused for good, or `policy.mailTimeoutMs` is over. */
export async function delivery({ deployment, policy, record, pageUrl, messageId }: DeliveryInput): Promise<void> {
  const { mail } = activityProxies(deployment, policy);
  await mail.sendMail.executeWithOptions({ summary: `Mail: ${record.state}` }, [{ record, pageUrl, messageId }]);
}
