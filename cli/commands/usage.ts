import type { components } from '../../contracts/generated/api';
import { formatCount, formatUsd } from '../../contracts/job/formats';
import type { Command } from '../command';
import { answered, type SpaceportApi } from '../server/spaceport-api';
import { columns } from '../text/columns';

type Usage = components['schemas']['Usage'];
type UsageCommand = Extract<Command, { name: 'usage' }>;

/** What machines were used for and cost, as `usage` prints it. */
export async function usage({ from, to, format }: UsageCommand, { routes }: SpaceportApi): Promise<string> {
  const query = { ...(from !== null && { from }), ...(to !== null && { to }) };
  if (format === 'csv') {
    const params = { query: { ...query, format } };
    const table = await answered(routes.GET('/v1/usage', { params, parseAs: 'text' }));
    return table.trimEnd();
  }
  const found = (await answered(routes.GET('/v1/usage', { params: { query } }))) as Usage;
  return format === 'json' ? JSON.stringify(found, null, 2) : inWords(found);
}

const inWords = ({ from, to, totals, lines }: Usage): string =>
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
