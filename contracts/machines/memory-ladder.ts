import type { StageSettings } from '../generated/settings';
import type { Stage } from '../stages/stage';
import { STAGE } from '../stages/stages';

/** How a stage is tried after its earlier attempts ran out of memory. */
export interface LadderStep<S extends Stage> {
  readonly settings: StageSettings[S];
  /** The last rung, with the smallest settings: the stage's larger machine. */
  readonly onLarger: boolean;
}

/** Settings after `step` rungs (0 = unchanged), each on top of those before; null when there are no more rungs. */
export function afterMemoryFailures<S extends Stage>(
  stage: S,
  settings: StageSettings[S],
  step: number,
  hasLarger: boolean,
): LadderStep<S> | null {
  const { ladder } = STAGE[stage];
  if (step > ladder.length + (hasLarger ? 1 : 0)) return null;
  return {
    settings: ladder.slice(0, step).reduce((current, rung) => rung(current), settings),
    onLarger: step > ladder.length,
  };
}
