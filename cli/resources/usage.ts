import type { Argv } from 'yargs';
import type { components } from '../../contracts/generated/api';
import { formatCount, formatUsd } from '../../contracts/job/formats';
import type { Take } from '../command';
import { answered } from '../server/spaceport-api';
import { asked, asks, given, text } from '../syntax/request';
import { columns } from '../text/columns';

type Usage = components['schemas']['Usage'];

/** What machines were used for and cost. */
export const usageCommands = (program: Argv, take: Take): Argv =>
  program.command(
    'usage',
    'Jobs, machine hours and USD by day, preset and stage, and the budget of the month',
    (usage) =>
      asked(usage)
        .option('from', { ...text, describe: 'First day, such as 2026-11-01' })
        .option('to', { ...text, describe: 'Last day' })
        .option('tenant', { ...text, describe: 'For operators; your own without' })
        .option('csv', { type: 'boolean', conflicts: 'json' }),
    asks(take, async ({ from, to, tenant, csv }, routes) => {
      const query = given({ from, to, tenant });
      if (csv === true) {
        const params = { query: { ...query, format: 'csv' as const } };
        const answer = (await answered(routes.GET('/v1/usage', { params, parseAs: 'text' }))).trimEnd();
        return { answer, words: answer };
      }
      const answer = (await answered(routes.GET('/v1/usage', { params: { query } }))) as Usage;
      return { answer, words: [table(answer), ...budget(answer)].join('\n\n') };
    }),
  );

const table = ({ from, to, totals, lines }: Usage): string =>
  columns([
    ['DAY', 'PRESET', 'STAGE', 'JOBS', 'MACHINES', 'HOURS', 'COST'],
    ...lines.map((line) => [line.day, line.preset, line.stage, ...amounts(line)]),
    [`${from} to ${to}`, '', '', ...amounts(totals)],
  ]);

const amounts = (of: Usage['totals']): string[] => [
  formatCount(of.jobs),
  formatCount(of.attempts),
  of.machineHours.toFixed(2),
  formatUsd(of.costUsd),
];

const budget = ({ budget: of }: Usage): string[] =>
  of === null
    ? []
    : [
        `Budget of ${of.month}: ${formatUsd(of.spentUsd)} of ${formatUsd(of.monthlyBudgetUsd)} spent, ` +
          `${formatUsd(of.committedUsd)} more for open jobs`,
      ];
