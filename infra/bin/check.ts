import { imagesOf } from '../lib/cell';
import { accountId, awsFindings } from '../lib/check/aws';
import type { Finding } from '../lib/check/finding';
import { temporalFindings } from '../lib/check/temporal';
import { settings } from '../settings';

const MARK: Readonly<Record<Finding['state'], string>> = { fine: '  ok', missing: '  --', unknown: '  ??' };
const USAGE = 'usage: spaceport deploy check STAGE [REGION], with credentials of AWS and TEMPORAL_API_KEY';

/**
 * Looks at an account and says what a stage still lacks there. Makes read-only calls. TEMPORAL_ADDRESS and
 * TEMPORAL_NAMESPACE name another way to Temporal than the settings, such as one to a server of a cell's own. Ends with
 * 0 where nothing is missing, with 1 where something is or could not be looked at.
 */
async function main([stageName, onlyRegion]: readonly string[]): Promise<number> {
  const stage = settings.stages.find(({ name }) => name === stageName);
  if (stage === undefined) throw new Error(USAGE);
  const deployment = settings.prefix + stage.name;
  let isComplete = true;
  const { TEMPORAL_API_KEY = null, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, AWS_ENDPOINT_URL_S3 } = process.env;
  for (const { region, host, temporal: told } of stage.cells) {
    if (onlyRegion !== undefined && onlyRegion !== region) continue;
    const account = await accountId(region);
    const temporal = { ...told, namespace: TEMPORAL_NAMESPACE ?? told.namespace };
    process.stdout.write(`${deployment} in ${region}, account ${account}\n`);
    const findings = [
      ...(await awsFindings(
        {
          deployment,
          region,
          host,
          images: imagesOf({ temporal }),
          imageTag: stage.imageTag,
          s3IsElsewhere: AWS_ENDPOINT_URL_S3 !== undefined,
        },
        account,
      )),
      ...(await temporalFindings(
        { ...temporal, address: TEMPORAL_ADDRESS ?? ('isOwn' in temporal ? null : temporal.address) },
        TEMPORAL_API_KEY,
      )),
    ];
    for (const { state, what, sentence } of findings) process.stdout.write(`${MARK[state]} ${what}: ${sentence}\n`);
    isComplete &&= findings.every(({ state }) => state === 'fine');
  }
  return isComplete ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (status) => (process.exitCode = status),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
