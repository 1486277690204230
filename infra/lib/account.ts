import { App, Tags } from 'aws-cdk-lib';
import { AccountStack } from './account-stack';
import { cellOf } from './cell';
import { FoundationStack } from './foundation-stack';
import { RegionStack } from './region-stack';
import { ServiceStack } from './service-stack';
import { TemporalStack } from './temporal-stack';
import { settingsProblems, type AccountSettings } from './settings';

/** Behaviours of CDK that are chosen, not left to its version. */
const FLAGS = {
  // Access logs are let in by a policy: buckets of today have no access lists.
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  '@aws-cdk/core:enablePartitionLiterals': true,
  // What AWS's schemas refuse ends the synthesis, and is no mere warning.
  '@aws-cdk/core:validateAgainstDefaultRules': true,
  'aws:cdk:enable-path-metadata': false,
  'aws:cdk:version-reporting': false,
} as const;

/** All stacks of an account. Throws RangeError with every mistake in the settings. */
export function accountOf(settings: AccountSettings, outdir?: string): App {
  const problems = settingsProblems(settings);
  if (problems.length > 0) throw new RangeError(`infra/settings.ts:\n  ${problems.join('\n  ')}`);
  const app = new App({ ...(outdir !== undefined && { outdir }), postCliContext: FLAGS, analyticsReporting: false });
  new AccountStack(app, settings);
  const regions = new Set(settings.stages.flatMap(({ cells }) => cells.map(({ region }) => region)));
  for (const region of regions) new RegionStack(app, settings.prefix, region);
  for (const stage of settings.stages)
    for (const cellSettings of stage.cells) {
      const cell = cellOf(settings, stage, cellSettings);
      const foundation = new FoundationStack(app, cell);
      const { ownTemporal: own } = foundation;
      const temporal = own === null ? null : new TemporalStack(app, cell, { foundation, own });
      const service = new ServiceStack(app, cell, { foundation, temporal });
      for (const stack of [foundation, ...(temporal === null ? [] : [temporal]), service])
        Tags.of(stack).add('spaceport:deployment', cell.deployment);
    }
  return app;
}
