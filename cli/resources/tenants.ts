import type { Argv } from 'yargs';
import type { components } from '../../contracts/generated/api';
import { formatUsd } from '../../contracts/job/formats';
import { inOneLine } from '../../contracts/job/words';
import type { Said, Take } from '../command';
import { answered } from '../server/spaceport-api';
import { listOf } from '../syntax/options';
import { columns } from '../text/columns';
import { UsageError } from '../usage-error';
import { asked, asks, given, positional, text } from '../syntax/request';

type Tenant = components['schemas']['Tenant'];

/** Takes a limit away. */
const NONE = 'none';

const withSettings = <T>(command: Argv<T>) =>
  asked(command)
    .option('budget-usd', { ...text, describe: `Most that machines may cost in a month, or "${NONE}"` })
    .option('alert-email', { ...text, describe: `Who is told at 50, 80 and 100 % of it, or "${NONE}"` })
    .option('buckets', { ...text, describe: `The only buckets that photos may come from: a,b; "${NONE}" = every one` })
    .coerce('budget-usd', (usd: string | undefined) => unless(usd, number))
    .coerce('alert-email', (email: string | undefined) => unless(email, String))
    .coerce('buckets', (names: string | undefined) => unless(names, (some) => [...listOf(some)]));

/** Undefined where nothing was given, null for "none". */
const unless = <T>(given: string | undefined, read: (text: string) => T): T | null | undefined =>
  given === undefined ? undefined : given === NONE ? null : read(given);

function number(text: string): number {
  if (text !== '' && Number.isFinite(Number(text))) return Number(text);
  throw new UsageError(`--budget-usd must be a number of USD, or "${NONE}"`);
}

/** Tenants, for operators. */
export const tenantCommands = (program: Argv, take: Take): Argv =>
  program.command('tenants', 'For operators: list, create, change, close', (tenants) =>
    tenants
      .command(
        ['list', '$0'],
        'The tenants of the deployment, with what they have spent this month',
        asked,
        asks(take, async (_given, routes) => {
          const { tenants: answer } = await answered(routes.GET('/v1/tenants'));
          return { answer, words: answer.length === 0 ? 'No tenants yet.' : tenantList(answer) };
        }),
      )
      .command(
        'create <id> <name>',
        'Make a tenant',
        (create) => withSettings(create).positional('id', positional).positional('name', positional),
        asks(take, async ({ id: tenantId, name, budgetUsd, alertEmail, buckets }, routes) => {
          const settings = given({ monthlyBudgetUsd: budgetUsd, alertEmail, inputBuckets: buckets });
          return one(await answered(routes.POST('/v1/tenants', { body: { tenantId, name, ...settings } })));
        }),
      )
      .command(
        'change <id>',
        'Change the name or the limits of a tenant',
        (change) => withSettings(change).positional('id', positional).option('name', text),
        asks(take, async ({ id: tenantId, name, budgetUsd, alertEmail, buckets }, routes) => {
          const body = given({ name, monthlyBudgetUsd: budgetUsd, alertEmail, inputBuckets: buckets });
          const params = { path: { tenantId } };
          return one(await answered(routes.PATCH('/v1/tenants/{tenantId}', { params, body })));
        }),
      )
      .command(
        'close <id>',
        'End the keys and sessions of a tenant; its jobs run to their end',
        (close) => asked(close).positional('id', positional),
        asks(take, async ({ id: tenantId }, routes) => {
          const params = { path: { tenantId } };
          return one(await answered(routes.DELETE('/v1/tenants/{tenantId}', { params, body: {} })));
        }),
      ),
  );

const one = (answer: Tenant): Said => ({ answer, words: tenantList([answer]) });

const tenantList = (tenants: readonly Tenant[]): string =>
  columns([
    ['ID', 'NAME', 'SPENT', 'BUDGET', 'ALERTS TO', 'BUCKETS', 'STATE'],
    ...tenants.map(({ tenantId, name, month, monthlyBudgetUsd, alertEmail, inputBuckets, closedAt }) => [
      tenantId,
      inOneLine(name),
      formatUsd(month.spentUsd),
      monthlyBudgetUsd === null ? NONE : formatUsd(monthlyBudgetUsd),
      alertEmail ?? '-',
      inputBuckets === null ? 'all' : inputBuckets.join(' '),
      closedAt === null ? 'open' : 'closed',
    ]),
  ]);
