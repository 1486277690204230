import { z } from 'zod';
import { USAGE } from '../../contracts/usage/usage-schema';
import { route, SENT, type Route } from '../http/route';
import type { ReadUsage } from './read-usage';
import { usageCsv } from './usage-csv';

const day = z.iso.date({ error: 'must be a day such as 2026-11-26' }).optional();

const QUERY = z.strictObject({
  from: day.describe('The first day, in UTC; the first of the month of `to` where it is left out'),
  to: day.describe('The last day, which belongs to it; today where it is left out'),
  tenant: z.string().max(100).optional().describe("The caller's own where it is left out; others for operators"),
  format: z.enum(['json', 'csv']).optional().describe('`csv` is a table for spreadsheets; else as `Accept` asks'),
});

/** What machines were used for, and what they cost. */
export const usageRoutes = (readUsage: ReadUsage): Route[] => [
  route(
    {
      method: 'get',
      path: '/v1/usage',
      operation: 'getUsage',
      tag: 'Usage',
      summary: 'Jobs, machine hours and cost by day, preset and stage',
      description: 'With `Accept: text/csv`, or `format=csv`, as a table. Operators may ask for any tenant.',
      scope: 'read',
      query: QUERY,
      answers: { 200: { description: 'The usage', schema: USAGE, otherMediaTypes: ['text/csv'] } },
      problems: ['TENANT_NOT_FOUND'],
    },
    async ({ caller, query: { format, ...query }, request, response }) => {
      const body = await readUsage(caller, query);
      const asked = format ?? (request.accepts(['application/json', 'text/csv']) === 'text/csv' ? 'csv' : 'json');
      if (asked === 'json') return { status: 200, body };
      response
        .type('text/csv; charset=utf-8')
        .attachment(`spaceport-usage-${body.from}-${body.to}.csv`)
        .vary('Accept')
        .send(usageCsv(body));
      return SENT;
    },
  ),
];
