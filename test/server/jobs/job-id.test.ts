import { JOB_ID_PATTERN } from '../../../contracts/machines/names';
import { createJobLookup } from '../../../server/jobs/lookup';
import { requestDigest } from '../../../server/jobs/start';
import { testRequest } from '../../helpers/records';
import { jobRecord, testApp } from '../helpers';
import { jobIdOfKey, randomJobId } from '../../../platform/job-id';

test('job ids fit into job names, and random ones differ', () => {
  const ids = Array.from({ length: 1000 }, randomJobId);
  for (const id of [...ids, jobIdOfKey('local', 'x')]) expect(id).toMatch(JOB_ID_PATTERN);
  expect(new Set(ids).size).toBe(1000);
});

test('a key is one id for ever, and another for another tenant or key', () => {
  expect(jobIdOfKey('local', 'flight-7')).toBe(jobIdOfKey('local', 'flight-7'));
  expect(new Set([jobIdOfKey('a', 'bc'), jobIdOfKey('ab', 'c'), jobIdOfKey('a', 'bd')]).size).toBe(3);
});

test('a request of the local tenant has the digest that it had before there were tenants', () => {
  expect(requestDigest(testRequest())).toBe('0f3a53a64c763e8516db2753e3c84276639dd9b54fd93515b9e5b94df64b5e5c');
  expect(requestDigest(testRequest({ tenant: 'acme' }))).not.toBe(requestDigest(testRequest()));
});

test('a job is found for its own tenant only', async () => {
  const { runs, store, job } = testApp();
  job(jobRecord(), null);
  const lookup = createJobLookup({ runs, records: store });
  await expect(lookup.record({ tenant: 'local', scopes: [], keyId: null }, 'job123456')).resolves.toMatchObject({
    state: 'queued',
  });
  await expect(lookup.record({ tenant: 'acme', scopes: [], keyId: null }, 'job123456')).rejects.toMatchObject({
    code: 'JOB_NOT_FOUND',
  });
});
