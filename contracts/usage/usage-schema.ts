import { z } from 'zod';
import { list, object } from '../messages/read-only';

const count = z.int().min(0);
const amounts = {
  jobs: count.describe('That had such machines'),
  attempts: count.describe('Machines, each rented once'),
  machineHours: z.number().min(0).describe('That they were billed for'),
  costUsd: z.number().min(0).describe("At AWS's prices"),
};

export const USAGE_LINE = object({
  day: z.iso.date().describe('Of the end of the machines, in UTC'),
  preset: z.string(),
  stage: z.string(),
  ...amounts,
}).meta({ id: 'UsageLine' });

/** Of a budget, this month. */
const month = {
  month: z.string().describe('`2026-11`, in UTC'),
  spentUsd: z.number().min(0).describe('Of machines that ended this month'),
  committedUsd: z.number().min(0).describe('What open jobs will cost at least, beyond what they have'),
};
export const BUDGET_MONTH = object(month).meta({ id: 'BudgetMonth' });

export const USAGE = object({
  tenant: z.string(),
  from: z.iso.date(),
  to: z.iso.date(),
  budget: object({ ...month, monthlyBudgetUsd: z.number() })
    .nullable()
    .describe('Of the present month, whatever days are asked for; null = no budget'),
  totals: object(amounts),
  lines: list(USAGE_LINE).describe('By day, preset and stage; erased jobs count too'),
}).meta({ id: 'Usage', description: 'What the machines of a tenant came to. Those that still run are not in it yet' });

export type UsageView = z.infer<typeof USAGE>;
