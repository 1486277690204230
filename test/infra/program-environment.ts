import { stageSettings } from './cell-settings';
import { resourceOf, type SynthesisedCell } from './synthesis';

/** Made-up secrets, by the variable that holds them. */
export const SECRET_VALUES: Readonly<Record<string, string>> = {
  TEMPORAL_API_KEY: 'key',
  SPACEPORT_MAIL_URL: 'smtps://user:password@email-smtp.us-west-2.amazonaws.com:465',
  SPACEPORT_WEBHOOK_SECRET: 's'.repeat(48),
  SPACEPORT_WEBHOOK_MASTER_KEY: 'm'.repeat(48),
  SPACEPORT_PAYLOAD_KEYS: `k1:${'0'.repeat(64)}`,
  SPACEPORT_ADMIN_KEY_HASH: 'a'.repeat(64),
  DATABASE_CA: '-----BEGIN CERTIFICATE-----\n...',
  PGPASSWORD: 'password',
};

/** The service of a program: of workers, those of the current build. */
export const serviceName = (cell: SynthesisedCell, program: string): string =>
  program === 'worker' ? `worker-${stageSettings(cell).imageTag.replaceAll('.', '-')}` : program;

/** The only container of a program. */
export const containerOf = (cell: SynthesisedCell, program: string) =>
  resourceOf(cell.service, 'AWS::ECS::TaskDefinition', `${cell.deployment}-${serviceName(cell, program)}`)
    .ContainerDefinitions[0];

/** The environment that ECS gives a program, with made-up secrets. */
export function environmentOf(cell: SynthesisedCell, program: string): Record<string, string> {
  const { Environment, Secrets } = containerOf(cell, program);
  return Object.fromEntries([
    ...Environment.map(({ Name, Value }: { Name: string; Value: string }) => [Name, Value]),
    ...Secrets.map(({ Name }: { Name: string }) => [Name, SECRET_VALUES[Name]]),
  ]);
}
