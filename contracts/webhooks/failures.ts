/**
 * `webhooks/<tenant>/<endpointId>.failures.json`: an endpoint that takes nothing, from the first try that failed on. The
 * object goes with the first event that is taken, and when a person enables the endpoint.
 */
export interface EndpointFailures {
  readonly version: 1;
  /** Of the first try that failed. */
  readonly sinceMs: number;
  /** That have failed since, of all deliveries. */
  readonly tries: number;
  /** How the last one ended, in words. Never the address. */
  readonly detail: string;
  /** Null while events are still sent. */
  readonly disabledAtMs: number | null;
  /** The delivery whose try was the last straw. */
  readonly disabledBy: string | null;
}

const DAY_MS = 24 * 3600_000;

/**
 * An endpoint is disabled at a try that fails, where nothing was taken for so long and in so many tries. Longer than one
 * delivery is tried (`webhookTimeoutMs`), so that more than one event was lost.
 */
export const DISABLED_AFTER_MS = 5 * DAY_MS;
export const DISABLED_AFTER_TRIES = 20;

/** What is known of an endpoint after one more try has failed. */
export function afterFailure(
  known: EndpointFailures | null,
  { deliveryId, detail, nowMs }: { readonly deliveryId: string; readonly detail: string; readonly nowMs: number },
): EndpointFailures {
  const sinceMs = known?.sinceMs ?? nowMs;
  const tries = (known?.tries ?? 0) + 1;
  const { disabledAtMs = null, disabledBy = null } = known ?? {};
  const isDue = disabledAtMs === null && nowMs - sinceMs >= DISABLED_AFTER_MS && tries >= DISABLED_AFTER_TRIES;
  return {
    version: 1,
    sinceMs,
    tries,
    detail,
    disabledAtMs: isDue ? nowMs : disabledAtMs,
    disabledBy: isDue ? deliveryId : disabledBy,
  };
}

/** Why an endpoint is disabled, as people read it. */
export const disabledReason = ({ sinceMs, tries, detail }: EndpointFailures): string =>
  `it has taken no event since ${new Date(sinceMs).toISOString()}, in ${tries} tries; the last: ${detail}`;
