import {
  billedFromMs,
  initialState,
  withTransition,
  type MachineJobState,
} from '../../../local/sagemaker/jobs/job-record';
import { MachineClock } from '../../../local/sagemaker/jobs/machine-clock';

const MINUTE = 60_000;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** Time goes by in which no timer fires, as in a closed laptop or after SIGSTOP. Once a test. */
function sleepFor(ms: number): void {
  const awake = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => awake() + ms);
}

describe('the clock of a machine', () => {
  let clock: MachineClock;

  beforeEach(() => {
    clock = new MachineClock(() => undefined);
  });
  afterEach(() => {
    clock.stop();
    jest.restoreAllMocks();
  });

  test('counts the time that goes by', () => {
    jest.advanceTimersByTime(5 * MINUTE);
    expect(clock.workedMs).toBe(5 * MINUTE);
  });

  test('O02: does not count a sleep of this machine', () => {
    jest.advanceTimersByTime(MINUTE);
    sleepFor(2 * MINUTE);
    jest.advanceTimersByTime(MINUTE);
    expect(clock.workedMs).toBeLessThanOrEqual(2 * MINUTE);
    expect(clock.workedMs).toBeGreaterThan(2 * MINUTE - 1500);
  });

  test('O02: counts a pause of up to 10 s, as a busy machine makes it', () => {
    sleepFor(9000);
    expect(clock.workedMs).toBe(9000);
  });

  test.each([10 * MINUTE, -10 * MINUTE])('O02: a jump of the time of day by %d ms changes nothing', (jumpMs) => {
    jest.advanceTimersByTime(MINUTE);
    jest.setSystemTime(Date.now() + jumpMs);
    jest.advanceTimersByTime(MINUTE);
    expect(clock.workedMs).toBe(2 * MINUTE);
  });

  test('O02: rings after so much work, sleep not counted, and not when it was called off', () => {
    const [ring, calledOff] = [jest.fn(), jest.fn()];
    clock.ringAfter(2 * MINUTE, ring);
    clock.ringAfter(MINUTE, calledOff)();
    jest.advanceTimersByTime(MINUTE);
    sleepFor(10 * MINUTE);
    jest.advanceTimersByTime(MINUTE - 2000);
    expect(ring).not.toHaveBeenCalled();
    jest.advanceTimersByTime(4000);
    expect(ring).toHaveBeenCalledTimes(1);
    expect(calledOff).not.toHaveBeenCalled();
  });

  test('rings once for a MaxRuntime that is longer than a timer may run', () => {
    const ring = jest.fn();
    clock.ringAfter(0, ring);
    expect(ring).toHaveBeenCalledTimes(1);
    const cancel = clock.ringAfter(28 * 24 * 60 * MINUTE, ring);
    jest.advanceTimersByTime(MINUTE);
    expect(ring).toHaveBeenCalledTimes(1);
    cancel();
  });
});

describe('what is billed of a job', () => {
  const started: MachineJobState = { ...withTransition(initialState(0), 'Downloading', 1000), startedAtMs: 1000 };

  test('is nothing before it has begun', () => expect(billedFromMs(initialState(0), 0, 5000)).toBeUndefined());

  test('is all of it while its supervisor ticks', () => expect(billedFromMs(started, 60_000, 61_000)).toBe(1000));

  test('O02: is not the time that its supervisor slept in, noticed or not', () => {
    expect(billedFromMs({ ...started, sleptMs: 120_000 }, 180_000, 181_000)).toBe(121_000);
    expect(billedFromMs(started, 60_000, 180_000)).toBe(121_000);
  });

  test('is what lies before its end, however long ago that was', () => {
    const ended = withTransition(started, 'Completed', 60_000);
    expect(billedFromMs(ended, 60_000, 1e9)).toBe(1000);
  });
});
