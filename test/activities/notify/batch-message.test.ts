import { batchMessage, type SummaryLine } from '../../../activities/notify/batch-message';
import { failure } from '../../../contracts/job/failures';
import { newJobRecord, type JobRecord } from '../../../contracts/job/record';
import { testAttempt, testBatch, testRequest } from '../../helpers/records';

const line = (jobId: string, name: string, changes: Partial<JobRecord> | null): SummaryLine => ({
  jobId,
  name,
  record: changes && { ...newJobRecord(jobId, testRequest({ name }), 1000), ...changes },
});
const lines = [
  line('job00001', 'Church', { state: 'succeeded', attempts: [testAttempt({ costUsd: 0.5 })], updatedAtMs: 82_000 }),
  line('job00002', 'Mill', { state: 'failed', failure: failure('TOO_FEW_POINTS', 'only 12 points') }),
  line('job00003', 'School', {
    state: 'parked',
    failure: failure('OUT_OF_MEMORY', 'too large'),
    parkedUntilMs: Date.UTC(2026, 10, 27, 10),
  }),
  line('job00004', 'Well', null),
];
const batch = { ...testBatch(lines.map(({ jobId }) => jobId)), createdAtMs: 1000 };

test('the mail of a batch tells what came of each job, those first that wait for a person', () => {
  const { subject, text, html } = batchMessage(batch, lines, 'http://spaceport.test');
  expect(subject).toBe('1 of 4 scenes is ready, 1 waits for you (Village)');
  const jobs = text.split('\n').filter((row) => row.startsWith('- '));
  expect(jobs.map((row) => row.slice(2).split(':')[0])).toEqual(['School', 'Mill', 'Church', 'Well']);
  expect(jobs[0]).toContain('until 2026-11-27 10:00 UTC. http://spaceport.test/jobs/job00003');
  expect(jobs[3]).toBe('- Well: not started.');
  expect(text).toContain('$0.50');
  expect(text).toContain('From its start to the last news: 1 min 21 s');
  expect(html).toContain('http://spaceport.test/jobs/job00002');
});

test('a batch of hundreds names the first of its jobs and says how many more there are', () => {
  const many = Array.from({ length: 300 }, (_, number) =>
    line(`job${number}00000`, `Set ${number}`, { state: 'succeeded' }),
  );
  const { text } = batchMessage(batch, many, 'http://spaceport.test');
  expect(text.match(/^- Set/gm)).toHaveLength(40);
  expect(text).toContain('and 260 more');
});
