import { createStartJobReader, readCancel, readListJobs } from '../../../server/http/requests';
import type { FieldProblem } from '../../../contracts/messages/parsed';

const readStartJob = createStartJobReader({ secret: null, hosts: [] });
const GOOD = { s3Url: 's3://photos/flight/', email: 'pilot@example.com' };

/** What is wrong, field by field. */
function problems(read: () => unknown): Record<string, string> {
  try {
    read();
  } catch (error) {
    const { errors } = error as { errors: readonly FieldProblem[] };
    return Object.fromEntries(errors.map(({ field, message }) => [field, message]));
  }
  return {};
}

test.each([
  [{ preset: 'best' }, { preset: 'must be one of preview, standard, high, survey' }],
  [{ s3Url: undefined }, { s3Url: 'is needed' }],
  [{ s3Url: 7 }, { s3Url: 'must be a text' }],
  [{ retryWindowSeconds: 'long' }, { retryWindowSeconds: 'must be a number' }],
  [{ retryWindowSeconds: 1.5 }, { retryWindowSeconds: 'must be a whole number' }],
  [{ retryWindowSeconds: -1 }, { retryWindowSeconds: 'must be at least 0' }],
  [{ webhookUrl: [] }, { webhookUrl: 'must be a text' }],
  [{ colour: 'red' }, { colour: 'is unknown' }],
])('a start request with %j is answered in our own words', (wrong, expected) => {
  expect(problems(() => readStartJob({ ...GOOD, ...wrong }))).toEqual(expected);
});

test('cancels and lists are answered in our own words, too', () => {
  expect(problems(() => readCancel({ reason: 'x'.repeat(5000) }))).toEqual({
    reason: expect.stringMatching(/^must be at most \d+ characters long$/) as string,
  });
  expect(problems(() => readCancel({ reason: 3 }))).toEqual({ reason: 'must be a text' });
  expect(problems(() => readListJobs({ state: 'lost', limit: 'many' }))).toEqual({
    state: expect.stringMatching(/^must be one of queued, /) as string,
    limit: 'must be a number',
  });
});

test('I12: a wrong address is answered with what is wrong, and no signature is repeated', () => {
  const signed = 'https://photos.s3.amazonaws.com/a.zip?X-Amz-Signature=0123abcd';
  expect(problems(() => readStartJob({ ...GOOD, s3Url: signed })).s3Url).toMatch(/^must not be a signed link/);
  expect(JSON.stringify(problems(() => readStartJob({ ...GOOD, s3Url: signed })))).not.toContain('0123abcd');
});
