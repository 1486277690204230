import type { JobRecord } from '../job/record';
import { isFinal, type JobState, type WaitsFor } from '../job/state';

/** `pending`: it is no job yet. */
export type MemberState = 'pending' | JobState;

/** A member of a batch, as the batch's workflow knows it. */
export interface Member {
  readonly jobId: string;
  readonly state: MemberState;
  /** It goes on only when a person says so: nothing of it works, and it holds no place among the jobs that do. */
  readonly needsPerson: boolean;
  /** What Temporal said of its run when this was found out; null = that there is none. */
  readonly seen: string | null;
  /** It was told to go on: a record that is no newer than this does not know of that yet. Null = it was told nothing. */
  readonly outdatedMs: number | null;
}

/** Waits for a machine, and for a time. */
const ENDS_BY_ITSELF: readonly WaitsFor[] = ['capacity', 'start'];

/** Whether a job in this state goes on only when a person says so. */
export const needsPerson = (state: JobState, { waiting }: Pick<JobRecord, 'waiting'>): boolean =>
  state === 'parked' || (state === 'waiting' && waiting !== null && !ENDS_BY_ITSELF.includes(waiting.for));

export const hasEnded = ({ state }: Pick<Member, 'state'>): boolean => state !== 'pending' && isFinal(state);

/** Whether it is a job, and one that has not ended. */
export const isOpen = ({ state }: Pick<Member, 'state'>): boolean => state !== 'pending' && !isFinal(state);
