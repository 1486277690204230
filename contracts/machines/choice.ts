/** Machine, disk and longest run of one stage. `maxRuntimeSeconds` goes into every Create. */
export interface StageMachine {
  readonly instanceType: string;
  readonly volumeGb: number;
  readonly maxRuntimeSeconds: number;
}

/** The machines that a stage may run on. */
export interface StageMachines extends StageMachine {
  /** Other instance types that do as well, in order, for when AWS has no machine of the first. */
  readonly fallbacks: readonly string[];
  /** The last rung of the memory ladder: an instance type with more memory. */
  readonly larger: string | null;
}

/**
 * The machines that an attempt asks for, in order. Each CapacityError moves the list on by one, so that the type that
 * AWS just lacked is asked for last. On the last rung of the memory ladder only the larger machine will do.
 */
export function machinesToTry(
  { fallbacks, larger, ...machine }: StageMachines,
  capacityFailures: number,
  onLarger: boolean,
): StageMachine[] {
  if (onLarger) return [{ ...machine, instanceType: larger ?? machine.instanceType }];
  const types = [machine.instanceType, ...fallbacks];
  const first = capacityFailures % types.length;
  return [...types.slice(first), ...types.slice(0, first)].map((instanceType) => ({ ...machine, instanceType }));
}

const LONGEST_FACTOR = 10;

/** How long to wait after a CapacityError: not at all while there is a type left to try; then longer each round. */
export function capacityPauseMs(
  { fallbacks }: StageMachines,
  capacityFailures: number,
  capacityRetryMs: number,
): number {
  const types = 1 + fallbacks.length;
  if (capacityFailures % types !== 0) return 0;
  return capacityRetryMs * Math.min(2 ** (capacityFailures / types - 1), LONGEST_FACTOR);
}
