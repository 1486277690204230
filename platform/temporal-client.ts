import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { SEARCH_ATTRIBUTE } from '../contracts/job/temporal-names';
import { ConfigError, type TemporalConfig } from './config';
import { payloadOptions } from './payloads/data-converter';
import { tellWorkflowsOfTrace } from './tracing/started-workflows';

/** Connection options of this deployment: profile and TLS by Temporal's own environment rules, address from Config. */
export const temporalConnectOptions = ({
  temporalAddress,
}: TemporalConfig): ReturnType<typeof loadClientConnectConfig>['connectionOptions'] => ({
  ...loadClientConnectConfig().connectionOptions,
  address: temporalAddress,
});

/** Waits 10 seconds for Temporal. Throws ConfigError that names the address where it does not answer. */
export async function connectTemporal(config: TemporalConfig): Promise<Client> {
  const connection = await Connection.connect(temporalConnectOptions(config)).catch((error: unknown) => {
    throw new ConfigError(
      `Temporal does not answer at ${config.temporalAddress}, which TEMPORAL_ADDRESS names: ${String(error)}`,
    );
  });
  const interceptors = { workflow: [tellWorkflowsOfTrace] };
  const options = { namespace: config.temporalNamespace, interceptors, ...payloadOptions(config.payloadKeys) };
  return new Client({ connection, ...options });
}

export const stateKey = defineSearchAttributeKey(SEARCH_ATTRIBUTE.state, 'KEYWORD');
export const stageKey = defineSearchAttributeKey(SEARCH_ATTRIBUTE.stage, 'KEYWORD');
export const presetKey = defineSearchAttributeKey(SEARCH_ATTRIBUTE.preset, 'KEYWORD');
export const tenantKey = defineSearchAttributeKey(SEARCH_ATTRIBUTE.tenant, 'KEYWORD');

const KEYWORD = 2; // temporal.api.enums.v1.IndexedValueType

/** Names of our search attributes that the namespace does not have as keywords. */
export async function missingSearchAttributes(client: Client): Promise<string[]> {
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
    namespace: client.options.namespace,
  });
  return Object.values(SEARCH_ATTRIBUTE).filter((name) => customAttributes[name] !== KEYWORD);
}

const NOT_FOUND = 5; // google.rpc.Code
/** For how long a run that has closed is kept, in a namespace of our making. */
const RETENTION_MS = 30 * 24 * 3600_000;
/** A server looks for new namespaces every few seconds. */
const NAMESPACE_KNOWN_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 500;

/**
 * Makes the namespace where the server has none of this name, and resolves once all of the server knows it; safe to
 * repeat. Temporal Cloud makes its namespaces itself.
 */
export async function registerNamespace(client: Client): Promise<void> {
  const { namespace } = client.options;
  const isThere = async (looked: () => Promise<unknown>): Promise<boolean> => {
    try {
      await looked();
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === NOT_FOUND) return false;
      throw error;
    }
  };
  if (await isThere(() => client.workflowService.describeNamespace({ namespace }))) return;
  await client.workflowService.registerNamespace({
    namespace,
    description: 'Spaceport',
    workflowExecutionRetentionPeriod: msToTs(RETENTION_MS),
  });
  const deadlineMs = Date.now() + NAMESPACE_KNOWN_WITHIN_MS;
  while (!(await isThere(() => client.connection.operatorService.listSearchAttributes({ namespace })))) {
    if (Date.now() > deadlineMs) throw new Error(`Temporal does not know the new namespace ${namespace} yet`);
    await sleep(LOOK_EVERY_MS);
  }
}

/** Registers what is missing; safe to repeat. */
export async function registerSearchAttributes(client: Client): Promise<void> {
  const missing = await missingSearchAttributes(client);
  if (missing.length === 0) return;
  await client.connection.operatorService.addSearchAttributes({
    namespace: client.options.namespace,
    searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
  });
}
