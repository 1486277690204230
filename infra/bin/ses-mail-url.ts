import { text } from 'node:stream/consumers';
import { sesMailUrl } from '../lib/ses-password';

/** `aws iam create-access-key ... | npm run --silent spaceport -- infra ses-mail-url REGION` prints SPACEPORT_MAIL_URL. */
async function main(): Promise<void> {
  const [, , region] = process.argv;
  if (region === undefined) throw new Error('usage: aws iam create-access-key --user-name NAME | ses-mail-url REGION');
  const { AccessKey } = JSON.parse(await text(process.stdin)) as {
    AccessKey: { AccessKeyId: string; SecretAccessKey: string };
  };
  process.stdout.write(sesMailUrl(AccessKey.AccessKeyId, AccessKey.SecretAccessKey, region));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
