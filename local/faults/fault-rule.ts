import { z } from 'zod';

/** When a rule fires, for every kind of fault of either endpoint. */
export const when = {
  /** The first matching call (or job) that the rule fires at; 1 is the first. */
  occurrence: z.int().positive().default(1),
  /** Calls (or jobs) in a row, from that one on. */
  times: z.int().positive().default(1),
};

export const seconds = z.number().nonnegative();

export interface FaultRule {
  kind: string;
  occurrence: number;
  times: number;
}

/** Whether the rule fires at the matching call of this number; 1 is the first. */
export function isDue({ occurrence, times }: FaultRule, count: number): boolean {
  return count >= occurrence && count < occurrence + times;
}

/** Whether the rule has met all the calls that it could fire at. */
export function isUsedUp({ occurrence, times }: FaultRule, count: number): boolean {
  return count >= occurrence + times - 1;
}

/** `pattern` is a part of the name, or a pattern of the whole name in which * stands for anything. */
export function matchesName(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return name.includes(pattern);
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(name);
}
