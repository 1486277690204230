import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { JobRecord } from '../../contracts/job/record';
import { SIGNAL, type SignalName } from '../../contracts/messages/signals';
import type { JobState } from '../../contracts/job/state';

/** What an update answers: the state that follows. */
export interface Answer {
  readonly state: JobState;
}

/** Payloads are `unknown`: anyone may send a signal, with anything in it, or with nothing. */
export const signalOf = (name: SignalName): SignalDefinition<[payload?: unknown]> => defineSignal(SIGNAL[name]);

/** As the signals, but they answer: with the state that follows, or with why not. */
export const updateOf = (name: SignalName): UpdateDefinition<Answer, [payload?: unknown]> => defineUpdate(SIGNAL[name]);

/** For people at the Web UI; the API never needs it. */
export const recordQuery = defineQuery<JobRecord>('record');
