/**
 * How a machine is rented: until its work ends, at the full price; or as capacity that AWS has to spare, at a part of
 * the price, which it may take back at any moment (SageMaker's managed spot training).
 */
export const CAPACITIES = ['on-demand', 'spot'] as const;
export type Capacity = (typeof CAPACITIES)[number];

export const DEFAULT_CAPACITY: Capacity = 'on-demand';

export const isCapacity = (value: unknown): value is Capacity => CAPACITIES.some((known) => known === value);

/** Only a stage that resumes from checkpoints can lose its machine; of processing jobs SageMaker has no spot ones. */
export const capacityOf = ({ resumes }: { readonly resumes: boolean }, asked: Capacity): Capacity =>
  resumes ? asked : DEFAULT_CAPACITY;
