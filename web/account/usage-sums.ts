import type { UsageView } from '../../contracts/usage/usage-schema';

export interface UsageSum {
  readonly name: string;
  readonly machineHours: number;
  readonly costUsd: number;
}

/** Lines of usage added up by one of their columns, in the order of their first lines. Jobs of several are no sum. */
export function summed(lines: UsageView['lines'], by: 'day' | 'stage'): readonly UsageSum[] {
  const sums = new Map<string, UsageSum>();
  for (const { machineHours, costUsd, [by]: name } of lines) {
    const before = sums.get(name) ?? { machineHours: 0, costUsd: 0 };
    sums.set(name, { name, machineHours: before.machineHours + machineHours, costUsd: before.costUsd + costUsd });
  }
  return [...sums.values()];
}
