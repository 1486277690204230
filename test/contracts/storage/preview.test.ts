import { newJobRecord, type JobRecord } from '../../../contracts/job/record';
import { previewKey as keyOf } from '../../../contracts/storage/preview';
import { testAttempt, testRequest } from '../../helpers/records';

const record = { ...newJobRecord('abcd1234', testRequest(), 1000), attempts: [testAttempt()] };
const sfm = testAttempt({ stage: 'sfm' });
const previewKey = (of: JobRecord): string | null => keyOf(of, 'picture.jpg');

test('picture and scene of a training lie below the checkpoints that it adds to', () => {
  expect(previewKey(record)).toBe('jobs/abcd1234/training/a01/checkpoints/previews/picture.jpg');
  expect(keyOf(record, 'scene.sog')).toBe('jobs/abcd1234/training/a01/checkpoints/previews/scene.sog');
  const resumed = testAttempt({ attempt: 3, resumedFrom: 2, status: 'Running' });
  expect(previewKey({ ...record, attempts: [sfm, ...record.attempts, resumed] })).toContain('/training/a02/');
  const compression = testAttempt({ stage: 'compression' });
  expect(previewKey({ ...record, attempts: [sfm, ...record.attempts, compression] })).toContain('/training/a01/');
});

test('there is none before a training, of an earlier model, and when the files of attempts are deleted', () => {
  expect(previewKey({ ...record, attempts: [] })).toBeNull();
  expect(previewKey({ ...record, attempts: [sfm] })).toBeNull();
  expect(
    previewKey({ ...record, attempts: [sfm, testAttempt(), testAttempt({ stage: 'sfm', attempt: 2 })] }),
  ).toBeNull();
  expect(previewKey({ ...record, expiredAtMs: { intermediates: 2000, results: null } })).toBeNull();
});
