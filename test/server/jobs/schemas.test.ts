import { readRequest } from '../../../server/http/request-schemas';
import { CANCEL, LIST_QUERY, startJobSchema } from '../../../server/jobs/schemas';
import type { FieldProblem } from '../../../contracts/messages/parsed';

const START_JOB = startJobSchema({ secret: null, hosts: [] });
const readStartJob = (body: unknown) => readRequest(START_JOB, body);
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
  [{ preset: 'best' }, { preset: 'must be one of preview, laptop, standard, high, survey' }],
  [{ s3Url: undefined }, { s3Url: 'is needed, or the uploadId of an upload' }],
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
  expect(problems(() => readRequest(CANCEL, { reason: 'x'.repeat(5000) }))).toEqual({
    reason: expect.stringMatching(/^must be at most \d+ characters long$/) as string,
  });
  expect(problems(() => readRequest(CANCEL, { reason: 3 }))).toEqual({ reason: 'must be a text' });
  expect(problems(() => readRequest(LIST_QUERY, { state: 'lost', limit: 'many' }))).toEqual({
    state: expect.stringMatching(/^must be one of queued, /) as string,
    limit: 'must be a number',
  });
});

test('I12: a wrong address is answered with what is wrong, and no signature is repeated', () => {
  const signed = 'https://photos.s3.amazonaws.com/a.zip?X-Amz-Signature=0123abcd';
  expect(problems(() => readStartJob({ ...GOOD, s3Url: signed })).s3Url).toMatch(/^must not be a signed link/);
  expect(JSON.stringify(problems(() => readStartJob({ ...GOOD, s3Url: signed })))).not.toContain('0123abcd');
});

test.each([
  'pilot@example.com',
  'first.last+tag@sub.example.co.uk',
  "o'brien@example.ie",
  '"john doe"@example.com',
  '"a\\"b"@example.com',
  'pilot@bücher.example',
  'pilot@xn--bcher-kva.example',
  'δοκιμή@παράδειγμα.δοκιμή',
  'pilot@例え.テスト',
  'pilot@[192.0.2.1]',
  'pilot@[IPv6:2001:db8::1]',
  `${'a'.repeat(64)}@example.com`,
])('%s is a mail address (RFC 5321, RFC 6531)', (email) => {
  expect(problems(() => readStartJob({ ...GOOD, email }))).toEqual({});
});

test.each([
  '',
  'pilot',
  '@example.com',
  'pilot@',
  'pilot@localhost',
  'pilot@example..com',
  'pilot@-example.com',
  '.pilot@example.com',
  'pi lot@example.com',
  'a@b@example.com',
  'pilot@example.com, other@example.com',
  'Pilot <pilot@example.com>',
  'pilot@example.com\r\nBcc: all@example.com',
  '"a\nb"@example.com',
  'pilot@192.0.2.1',
  'pilot@[192.0.2]',
  'pilot@example.com/x',
  'pi\u202elot@example.com',
  `${'a'.repeat(65)}@example.com`,
  `pilot@${'a.'.repeat(125)}com`,
])('%j is refused as a mail address', (email) => {
  expect(problems(() => readStartJob({ ...GOOD, email }))).toEqual({
    email: 'must be one mail address, such as pilot@example.com',
  });
});
