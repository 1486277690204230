import type { Policy } from './policy';
import type { Retention } from './retention';

/** Input of the workflow `upkeep`, which a schedule starts every `policy.upkeepIntervalMs`. */
export interface UpkeepInput {
  readonly deployment: string;
  readonly policy: Policy;
  readonly retention: Retention;
}

/** One schedule a deployment; the workflows that it starts have this id and their time. */
export const upkeepScheduleId = (deployment: string): string => `${deployment}-upkeep`;
