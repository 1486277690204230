import { existsSync } from 'node:fs';
import path from 'node:path';
import { defineSearchAttributeKey } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { SEARCH_ATTRIBUTE } from '../../contracts/job/temporal-names';

/** The Temporal binary that set-up provides, else the one on PATH. */
export function temporalBinary(): string {
  const own = path.resolve(__dirname, '../../.spaceport/bin/temporal');
  return existsSync(own) ? own : 'temporal';
}

/** Failures that a test provokes are not worth pages of log. Once a suite, before anything of Temporal runs. */
export const quietTemporal = (): void => void Runtime.install({ logger: new DefaultLogger('ERROR') });

/** As the product's own server runs: local/stack/components.ts and docker-compose.yml say why. */
const PRODUCT_SETTINGS = [
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
  'matching.useNewMatcher=true',
];

/**
 * A Temporal server, by default with our search attributes: that of SPACEPORT_TEST_TEMPORAL (docs/aws.md), else one of
 * the suite's own. A busy machine may miss its 5 s deadline: tried thrice.
 */
export async function startTemporal({
  searchAttributes = Object.values(SEARCH_ATTRIBUTE),
  dbFilename,
  dynamicConfig = [],
}: {
  searchAttributes?: readonly string[];
  dbFilename?: string;
  dynamicConfig?: readonly string[];
} = {}): Promise<TestWorkflowEnvironment> {
  quietTemporal();
  const { SPACEPORT_TEST_TEMPORAL: address } = process.env;
  if (address !== undefined) return TestWorkflowEnvironment.createFromExistingServer({ address });
  for (let tries = 1; ; tries += 1) {
    try {
      return await TestWorkflowEnvironment.createLocal({
        server: {
          executable: { type: 'existing-path', path: temporalBinary() },
          ui: false,
          log: { format: 'pretty', level: 'error' },
          searchAttributes: searchAttributes.map((name) => defineSearchAttributeKey(name, 'KEYWORD')),
          extraArgs: [...PRODUCT_SETTINGS, ...dynamicConfig].flatMap((value) => ['--dynamic-config-value', value]),
          ...(dbFilename === undefined ? {} : { dbFilename }),
        },
      });
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}
