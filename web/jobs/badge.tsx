import type { ReactNode } from 'react';
import type { JobState, WaitsFor } from '../../contracts/job/state';
import { STATE_WORD, WAITING_WORDS } from '../../contracts/job/words';
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

export const stateWord = (state: JobState, waitsFor?: WaitsFor): string =>
  waitsFor === undefined ? STATE_WORD[state] : WAITING_WORDS[waitsFor].label;

/** A job's state as a coloured word; of a waiting one, what for, where that is known. */
export function Badge({
  state,
  waitsFor,
}: {
  readonly state: JobState;
  readonly waitsFor?: WaitsFor | undefined;
}): ReactNode {
  return (
    <span className={`badge ${waitsFor === 'decision' ? 'asks' : TONE[state]}`}>{stateWord(state, waitsFor)}</span>
  );
}
