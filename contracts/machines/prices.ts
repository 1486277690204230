/**
 * Price of a SageMaker machine, us-west-2, on demand.
 * As of 2026-11: requirements.md (reference run of 1.81 USD); g4dn agrees with five public price tables, g5 with four,
 * c6i is EC2's price times the usual 1.2. Not read from AWS's own page: override where your contract differs.
 */
export const PRICE_USD_PER_HOUR: Readonly<Record<string, number>> = {
  'ml.c6i.2xlarge': 0.408,
  'ml.c6i.4xlarge': 0.816,
  'ml.c6i.8xlarge': 1.632,
  'ml.g4dn.xlarge': 0.736,
  'ml.g5.xlarge': 1.408,
};

/** Throws on an instance type without a price. */
export function priceUsdPerHour(instanceType: string): number {
  const price = PRICE_USD_PER_HOUR[instanceType];
  if (price === undefined) throw new Error(`no price for ${instanceType}`);
  return price;
}

/** What the ledger says of a machine's time. */
export interface Bill {
  readonly billedSeconds: number;
  readonly costUsd: number;
  /** What the same time would have cost more on demand. */
  readonly savedUsd: number;
}

/**
 * Throws on an instance type without a price.
 * @param machineSeconds for which the machine was there: of a spot one more than are billed
 */
export const billOf = (instanceType: string, billedSeconds: number, machineSeconds = billedSeconds): Bill => ({
  billedSeconds,
  costUsd: costUsd(instanceType, billedSeconds),
  savedUsd: costUsd(instanceType, Math.max(0, machineSeconds - billedSeconds)),
});

/** Cost of `seconds` billed seconds on one machine. Throws on an instance type without a price. */
export const costUsd = (instanceType: string, seconds: number): number =>
  (priceUsdPerHour(instanceType) * seconds) / 3600;
