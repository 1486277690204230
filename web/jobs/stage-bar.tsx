import type { ReactNode } from 'react';
import { isFinal, type JobState, type Step } from '../../contracts/job/state';
import { STAGES } from '../../contracts/stages/stage';
import './stage-bar.css';

export const STEPS: readonly Step[] = ['intake', ...STAGES, 'publish'];

export const isStep = (value: string | null): value is Step => value !== null && (STEPS as string[]).includes(value);

interface Props {
  readonly state: JobState;
  readonly step: Step | null;
  /** Of the step that it is at; null where nobody knows. */
  readonly fraction: number | null;
}

/** How far a job is, a piece for each step. The words beside it say the same: screen readers are spared the picture. */
export function StageBar({ state, step, fraction }: Props): ReactNode {
  const at = step === null ? -1 : STEPS.indexOf(step);
  const has = state === 'failed' || state === 'parked' ? 'bad' : state === 'succeeded' ? 'good' : 'active';
  return (
    <div className={`stage-bar ${has}`} aria-hidden="true">
      {STEPS.map((each, index) => {
        const done = state === 'succeeded' || index < at;
        const isNow = index === at && !done;
        const isMoving = isNow && state === 'running' && fraction === null;
        const filled = done ? 1 : isNow ? (isFinal(state) || isMoving ? 1 : (fraction ?? 0)) : 0;
        return (
          <span key={each} className={isMoving ? 'moving' : isNow ? 'now' : ''}>
            <i style={{ inlineSize: `${String(100 * filled)}%` }} />
          </span>
        );
      })}
    </div>
  );
}
