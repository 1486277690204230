import { machineSpans, phasesOf } from '../../../activities/machines/machine-spans';

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
  progress(4000, 'train', 1),
  progress(6000, 'train', 10, { psnr: 25.5, gpuUtilization: 0.8 }),
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
  });
  // Told twice, they are the same spans.
  expect(machineSpans(PARENT, JOB, MACHINE, LINES, report)).toEqual(spans);
});

test('a machine that failed says so, and one that never started is no span', () => {
  const failed = { ...MACHINE, status: 'Failed' } as const;
  expect(machineSpans(PARENT, JOB, failed, [], null)[0]?.error).toBe('Failed');
  expect(machineSpans(PARENT, JOB, { ...failed, startedAtMs: null }, [], null)).toEqual([]);
});
