import type { ReactNode } from 'react';
import type { JobState, WaitsFor } from '../../contracts/job/state';
import { stateWord } from '../../contracts/job/words';
import './badge.css';

type Tone = 'active' | 'good' | 'bad' | 'calm' | 'asks';

const TONE: Readonly<Record<JobState, Tone>> = {
  queued: 'calm',
  running: 'active',
  waiting: 'calm',
  parked: 'bad',
  cancelling: 'calm',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'calm',
};

/** A job's state as a coloured word; of a waiting one, what for, where that is known. */
export function Badge({
  state,
  waitsFor,
}: {
  readonly state: JobState;
  readonly waitsFor: WaitsFor | null;
}): ReactNode {
  return (
    <span className={`badge ${waitsFor === 'decision' ? 'asks' : TONE[state]}`}>{stateWord(state, waitsFor)}</span>
  );
}
