import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { JobRecord } from '../contracts/job-record';
import { SIGNAL } from '../contracts/messages';
import type { JobState } from '../contracts/job-state';

/** Payloads are `unknown`: anyone may send a signal, with anything in it, or with nothing. */
export const cancelSignal = defineSignal<[payload?: unknown]>(SIGNAL.cancel);
export const retrySignal = defineSignal<[payload?: unknown]>(SIGNAL.retry);

/** As the signals, but they answer: with the state that follows, or with why not. */
export const cancelUpdate = defineUpdate<{ state: JobState }, [payload?: unknown]>(SIGNAL.cancel);
export const retryUpdate = defineUpdate<{ state: JobState }, [payload?: unknown]>(SIGNAL.retry);

/** For people at the Web UI; the API never needs it. */
export const recordQuery = defineQuery<JobRecord>('record');
