import { FAULT_KINDS } from '../../bench/chaos/fault-kinds';
import { planJobs } from '../../bench/chaos/job-plan';
import { planKills, usualKills } from '../../bench/chaos/kill-plan';
import { sageMakerRule } from '../../local/sagemaker/faults/fault-plan';
import { s3Rule } from '../../local/s3/faults/fault-plan';
import { COMPONENT_NAMES } from '../../local/stack/components';

test('the same seed gives the same plan, another one another', () => {
  expect(planJobs(7, 20)).toEqual(planJobs(7, 20));
  expect(planKills(7, 20)).toEqual(planKills(7, 20));
  expect(planJobs(7, 20)).not.toEqual(planJobs(8, 20));
});

test('a job is planned the same in a short and in a long run', () => {
  expect(planJobs(7, 5)).toEqual(planJobs(7, 50).slice(0, 5));
});

test('200 jobs meet each kind of fault at least five times', () => {
  const planned = planJobs(1, 200).flatMap(({ faults }) => [...faults.sagemaker, ...faults.s3]);
  for (const kind of Object.keys(FAULT_KINDS))
    expect(planned.filter((fault) => fault.kind === kind).length).toBeGreaterThanOrEqual(5);
});

test('the endpoints take every planned fault', () => {
  for (const { faults } of planJobs(1, 100)) {
    for (const fault of faults.sagemaker) expect(sageMakerRule.safeParse(fault)).toMatchObject({ success: true });
    for (const fault of faults.s3) expect(s3Rule.safeParse(fault)).toMatchObject({ success: true });
  }
});

test('a plan knows every kind of fault that the endpoints have', () => {
  const known = [...sageMakerRule.options, ...s3Rule.options].map(({ shape }) => shape.kind.value);
  expect(Object.keys(FAULT_KINDS).sort()).toEqual(known.sort());
});

test('even a short run kills every process of the product, and only those', () => {
  const killed = new Set(planKills(3, usualKills(10)).map(({ component }) => component));
  expect([...killed].sort()).toEqual(COMPONENT_NAMES.filter((name) => name !== 'mail').sort());
});
