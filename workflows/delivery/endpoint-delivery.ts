import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import { completePolicy } from '../../contracts/job/policy';
import type { OutcomeCode } from '../../contracts/messages/outcomes';
import { ended } from './ended';
import type { EndpointDeliveryInput } from './input';
import { deliveryProxies } from './proxies';

const DISABLED: OutcomeCode = 'WEBHOOK_DISABLED';

/**
 * One event to one endpoint of a tenant, tried until it is taken, refused for good, or the policy's time is over. Each
 * try writes down how it went. Where it was the last that the endpoint got, its tenant is told by mail. Fails as
 * WEBHOOK_REJECTED, WEBHOOK_DISABLED or WEBHOOK_EXPIRED when nobody took it.
 */
export async function endpointDelivery({ deployment, policy: given, ...ref }: EndpointDeliveryInput): Promise<void> {
  const policy = completePolicy(given);
  const { endpoints, deliveries, mail } = deliveryProxies(deployment, policy);
  try {
    await endpoints.sendToEndpoint({ ...ref, retryInitialMs: policy.retryInitialMs });
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    const { cause } = error;
    if (cause instanceof ApplicationFailure && cause.type === DISABLED) {
      // Whatever becomes of the mail: the endpoint is disabled, and the list of endpoints says so.
      await ended(mail.tellOfDisabled(ref));
      throw ApplicationFailure.nonRetryable(cause.message, DISABLED);
    }
    if (cause instanceof ApplicationFailure && cause.nonRetryable === true)
      throw ApplicationFailure.nonRetryable(cause.message, 'WEBHOOK_REJECTED');
    await deliveries.expireDelivery(ref);
    throw ApplicationFailure.nonRetryable('no receiver took the event in time', 'WEBHOOK_EXPIRED');
  }
}
