import type { Policy } from '../../contracts/job/policy';
import type { Retention } from '../../contracts/storage/retention';

/** Input of the workflow `upkeep`, which a schedule starts every `policy.upkeepIntervalMs`. */
export interface UpkeepInput {
  readonly deployment: string;
  readonly policy: Policy;
  readonly retention: Retention;
}
