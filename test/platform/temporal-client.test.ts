import { TestWorkflowEnvironment } from '@temporalio/testing';
import { missingSearchAttributes, registerSearchAttributes } from '../../platform/temporal-client';
import { quietTemporal, temporalBinary } from '../helpers/temporal';

let temporal: TestWorkflowEnvironment;

beforeAll(async () => {
  quietTemporal();
  temporal = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: temporalBinary() },
      ui: false,
      log: { format: 'pretty', level: 'error' },
    },
  });
});
afterAll(() => temporal?.teardown());

test('search attributes that a namespace lacks are named, registered once, and then there', async () => {
  const { client } = temporal;
  expect(await missingSearchAttributes(client)).toEqual(['JobState', 'Stage', 'Preset']);
  await registerSearchAttributes(client);
  expect(await missingSearchAttributes(client)).toEqual([]);
  await registerSearchAttributes(client);
});
