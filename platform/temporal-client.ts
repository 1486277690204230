import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { SEARCH_ATTRIBUTE } from '../contracts/job/temporal-names';
import { ConfigError, type Config } from './config';
import { payloadOptions } from './payloads/data-converter';
import { tellWorkflowsOfTrace } from './tracing/started-workflows';

/** Connection options of this deployment: profile and TLS by Temporal's own environment rules, address from Config. */
export const temporalConnectOptions = ({
  temporalAddress,
}: Config): ReturnType<typeof loadClientConnectConfig>['connectionOptions'] => ({
  ...loadClientConnectConfig().connectionOptions,
  address: temporalAddress,
});

/** Waits 10 seconds for Temporal. Throws ConfigError that names the address where it does not answer. */
export async function connectTemporal(config: Config): Promise<Client> {
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

/** Registers what is missing; safe to repeat. */
export async function registerSearchAttributes(client: Client): Promise<void> {
  const missing = await missingSearchAttributes(client);
  if (missing.length === 0) return;
  await client.connection.operatorService.addSearchAttributes({
    namespace: client.options.namespace,
    searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
  });
}
