import { machineSpans, phasesOf } from '../../../activities/machines/machine-spans';
import { transfersOf, useOfRun } from '../../../activities/machines/machine-use';

const PARENT = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const JOB = { stage: 'training', jobName: 'local-job123456-training-a01', jobId: 'job123456', attempt: 1 } as const;
const MACHINE = {
  startedAtMs: 1000,
  endedAtMs: 9000,
  status: 'Completed',
  instanceType: 'ml.g4dn.xlarge',
  billedSeconds: 8,
} as const;
const progress = (atMs: number, phase: string, done: number, metrics = {}) => ({
  atMs,
  text: JSON.stringify({ spaceport: 'progress', phase, done, total: 10, metrics }),
});
const LINES = [
  { atMs: 3000, text: 'training begins' },
  progress(3500, 'load', 1),
  progress(4000, 'train', 1, { gpuUtilization: 0.4, gpuMemoryMb: 9000, memoryMb: 300 }),
  progress(6000, 'train', 10, { psnr: 25.5, gpuUtilization: 0.8, gpuMemoryMb: 7000, memoryMb: 250 }),
  progress(7000, 'export', 1),
  { atMs: 8000, text: 'done' },
];

test('phases of a program last until the next one begins, the last one until the program says nothing more', () => {
  expect(phasesOf(LINES).map(({ name, startMs, endMs }) => [name, startMs, endMs])).toEqual([
    ['load', 3500, 4000],
    ['train', 4000, 7000],
    ['export', 7000, 8000],
  ]);
  expect(phasesOf([{ atMs: 1, text: 'no progress' }])).toEqual([]);
});

test('a machine job is a span with transfers and phases below it, and what log and report say of them', () => {
  const report = { seconds: 4.5, peakMb: 900, phases: [{ name: 'train', seconds: 2.9, peakMb: 800 }] };
  const spans = machineSpans(PARENT, JOB, MACHINE, LINES, report);
  const [machine] = spans;
  expect(spans.map(({ name, startMs, endMs }) => [name, startMs, endMs])).toEqual([
    ['machine training', 1000, 9000],
    ['transfer of inputs', 1000, 3000],
    ['phase load', 3500, 4000],
    ['phase train', 4000, 7000],
    ['phase export', 7000, 8000],
    ['transfer of results', 8000, 9000],
  ]);
  expect(machine).toMatchObject({ parentSpanId: PARENT.spanId, error: null });
  expect(machine?.attributes).toMatchObject({ 'spaceport.billed_seconds': 8, 'spaceport.program_seconds': 4.5 });
  expect(spans.slice(1).every(({ parentSpanId }) => parentSpanId === machine?.spanId)).toBe(true);
  expect(spans[3]?.attributes).toMatchObject({
    'spaceport.phase_seconds': 2.9,
    'spaceport.metric.psnr': 25.5,
    'spaceport.metric.gpuUtilization': 0.8,
    'spaceport.gpu_peak_mb': 9000,
    'spaceport.peak_mb': 800,
  });
  expect(spans[3]?.attributes['spaceport.gpu_utilization']).toBeCloseTo(0.6);
  expect(spans[2]?.attributes['spaceport.gpu_utilization']).toBeNull();
  // Told twice, they are the same spans.
  expect(machineSpans(PARENT, JOB, MACHINE, LINES, report)).toEqual(spans);
});

test('a machine that failed says so, and one that never started is no span', () => {
  const failed = { ...MACHINE, status: 'Failed' } as const;
  expect(machineSpans(PARENT, JOB, failed, [], null)[0]?.error).toBe('Failed');
  expect(machineSpans(PARENT, JOB, { ...failed, startedAtMs: null }, [], null)).toEqual([]);
});

describe('how a machine was used', () => {
  test('is what the report says of the whole run, and what progress lines do where it says nothing', () => {
    const report = { peakMb: 900, machine: { cpus: 4, gpuUtilization: 0.7, gpuPeakMb: 9100 } };
    expect(useOfRun(LINES, report)).toEqual({ peakMb: 900, gpuUtilization: 0.7, gpuPeakMb: 9100 });
    expect(useOfRun(LINES, null)).toEqual({ peakMb: 300, gpuUtilization: expect.closeTo(0.6), gpuPeakMb: 9000 });
    expect(useOfRun(LINES.slice(0, 2), { peakMb: 900, machine: { cpus: 4 } })).toEqual({
      peakMb: 900,
      gpuUtilization: null,
      gpuPeakMb: null,
    });
  });

  test('transfers are what the machine was there for before and after the program', () => {
    expect(transfersOf(MACHINE, LINES)).toEqual({ inputSeconds: 2, resultSeconds: 1 });
    expect(transfersOf(MACHINE, [])).toBeNull();
    expect(transfersOf({ ...MACHINE, startedAtMs: null }, LINES)).toBeNull();
    // A clock that is behind makes no time of less than nothing.
    expect(transfersOf({ startedAtMs: 3500, endedAtMs: 7500 }, LINES)).toEqual({ inputSeconds: 0, resultSeconds: 0 });
  });
});
