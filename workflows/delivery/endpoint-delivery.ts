import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import { completePolicy } from '../../contracts/job/policy';
import type { EndpointDeliveryInput } from './input';
import { deliveryProxies } from './proxies';

/**
 * One event to one endpoint of a tenant, tried until it is taken, refused for good, or the policy's time is over. Each
 * try writes down how it went. Fails as WEBHOOK_REJECTED or WEBHOOK_EXPIRED when nobody took it.
 */
export async function endpointDelivery({ deployment, policy: given, ...ref }: EndpointDeliveryInput): Promise<void> {
  const policy = completePolicy(given);
  const { endpoints, deliveries } = deliveryProxies(deployment, policy);
  try {
    await endpoints.sendToEndpoint({ ...ref, retryInitialMs: policy.retryInitialMs });
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    const { cause } = error;
    if (cause instanceof ApplicationFailure && cause.nonRetryable === true)
      throw ApplicationFailure.nonRetryable(cause.message, 'WEBHOOK_REJECTED');
    await deliveries.expireDelivery(ref);
    throw ApplicationFailure.nonRetryable('no receiver took the event in time', 'WEBHOOK_EXPIRED');
  }
}
