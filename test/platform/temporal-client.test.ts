import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Client } from '@temporalio/client';
import { missingSearchAttributes, registerNamespace, registerSearchAttributes } from '../../platform/temporal-client';
import { startTemporal } from '../helpers/temporal';

let temporal: TestWorkflowEnvironment;

beforeAll(async () => {
  temporal = await startTemporal({ searchAttributes: [] });
});
afterAll(() => temporal?.teardown());

test('search attributes that a namespace lacks are named, registered once, and then there', async () => {
  const { client } = temporal;
  expect(await missingSearchAttributes(client)).toEqual(['JobState', 'Stage', 'Preset', 'Tenant']);
  await registerSearchAttributes(client);
  expect(await missingSearchAttributes(client)).toEqual([]);
  await registerSearchAttributes(client);
});

test('a namespace that a server lacks is made, takes search attributes at once, and is made once', async () => {
  const client = new Client({ connection: temporal.connection, namespace: 'of-one-s-own' });
  await registerNamespace(client);
  await registerSearchAttributes(client);
  expect(await missingSearchAttributes(client)).toEqual([]);
  await registerNamespace(client);
});
