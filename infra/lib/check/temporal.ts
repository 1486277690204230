import { Client, Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTE } from '../../../contracts/job/temporal-names';
import { fine, looked, missing, type Finding } from './finding';

const KEYWORD = 2; // temporal.api.enums.v1.IndexedValueType
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Whether a namespace is there, with the search attributes that workers ask for.
 * @param address null where only the cell's own network leads to it
 * @param apiKey of Temporal Cloud, and by it TLS; null: a server of one's own, in plain text
 */
export function temporalFindings(
  { address, namespace }: { readonly address: string | null; readonly namespace: string },
  apiKey: string | null,
): Promise<readonly Finding[]> {
  return looked('temporal', async () => {
    if (address === null)
      throw new Error('only the network of the cell leads to its own server: name a way to it by TEMPORAL_ADDRESS');
    const connection = await Connection.connect({
      address,
      connectTimeout: CONNECT_TIMEOUT_MS,
      ...(apiKey !== null && { apiKey, tls: true }),
    });
    try {
      const { workflowService, operatorService } = new Client({ connection, namespace }).connection;
      await workflowService.describeNamespace({ namespace });
      const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
      const lacking = Object.values(SEARCH_ATTRIBUTE).filter((name) => customAttributes[name] !== KEYWORD);
      return [
        fine('temporal', `${namespace} answers at ${address}`),
        lacking.length === 0
          ? fine('temporal', 'all search attributes are there')
          : missing('temporal', `${namespace} lacks the search attributes ${lacking.join(', ')}, of the kind Keyword`),
      ];
    } finally {
      await connection.close();
    }
  });
}
