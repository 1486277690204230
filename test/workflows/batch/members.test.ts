import type { Member, MemberState } from '../../../contracts/batch/member';
import { Members } from '../../../workflows/batch/members';

const member = (jobId: string, state: MemberState, needsPerson = state === 'parked'): Member => ({
  jobId,
  state,
  needsPerson,
  seen: state === 'pending' ? null : 'run',
  outdatedMs: null,
});
const ids = (members: readonly { readonly jobId: string }[]): string[] => members.map(({ jobId }) => jobId);

test('what works or waits for a machine holds a place, what waits for a person holds none', () => {
  const members = Members.of([
    member('works', 'running'),
    member('machine', 'waiting', false),
    member('person', 'waiting', true),
    member('parked', 'parked'),
    member('done', 'succeeded'),
    member('one', 'pending'),
    member('two', 'pending'),
  ]);
  expect(ids(members.begin(3))).toEqual(['one']);
  expect(members.isDue(3)).toBe(false);
  members.note([member('works', 'failed')]);
  expect(ids(members.begin(3))).toEqual(['two']);
});

test('a job that somebody sets going again counts at once, although more work then than asked for', () => {
  const members = Members.of([member('parked', 'parked'), member('a', 'running'), member('b', 'pending')]);
  members.note([member('parked', 'running')]);
  expect(members.isDue(2)).toBe(false);
  members.note([member('a', 'succeeded')]);
  expect(ids(members.begin(2))).toEqual(['b']);
});

test('a retry takes up what has not succeeded and does not work, in order', () => {
  const members = Members.of([
    member('failed', 'failed'),
    member('done', 'succeeded'),
    member('works', 'running'),
    member('cancelled', 'cancelled'),
    member('parked', 'parked'),
  ]);
  expect(members.retry()).toBe(true);
  expect(members.begin(9).map(({ jobId, plan }) => [jobId, plan])).toEqual([
    ['failed', 'again'],
    ['cancelled', 'again'],
    ['parked', 'again'],
  ]);
  expect(Members.of([member('done', 'succeeded')]).retry()).toBe(false);
});

test('what is stopped is not started, and what was being started then is known when it has', () => {
  const members = Members.of([member('one', 'pending'), member('two', 'pending')]);
  members.begin(1);
  members.stop();
  expect(members.isOver).toBe(false);
  members.began(member('one', 'queued'));
  expect(members.isDue(5)).toBe(false);
  expect(ids(members.open())).toEqual(['one']);
  members.note([member('one', 'cancelled')]);
  expect(members.isOver).toBe(true);
});

test('what was being started when a run was continued is started by the next one', () => {
  const members = Members.of([member('one', 'pending')]);
  members.begin(1);
  expect(ids(new Members(members.list).begin(1))).toEqual(['one']);
});
