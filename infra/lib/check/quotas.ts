import { STAGES } from '../../../contracts/stages/stage';
import { STAGE } from '../../../contracts/stages/stages';
import { fine, missing, type Finding } from './finding';

/** A quota of Amazon SageMaker, by the name that Service Quotas gives it. */
export interface Quota {
  readonly name: string;
  readonly value: number;
}

/** How many machines of a kind the product asks for, and whether jobs can do without it. */
interface Wanted {
  readonly name: string;
  readonly isNeeded: boolean;
}

/** The quotas that jobs run into: of the first choice of each preset needed, of the others useful. */
export function wantedQuotas(): readonly Wanted[] {
  const wanted = new Map<string, boolean>();
  for (const stage of STAGES)
    for (const { instanceType, fallbacks, larger } of Object.values(STAGE[stage].machines)) {
      const { kind } = STAGE[stage];
      const want = (type: string, isNeeded: boolean, usage: string = kind): void => {
        const name = `${type} for ${usage} job usage`;
        wanted.set(name, isNeeded || wanted.get(name) === true);
      };
      want(instanceType, true);
      for (const type of [...fallbacks, ...(larger === null ? [] : [larger])]) want(type, false);
      if (kind === 'training') want(instanceType, false, 'spot training');
    }
  return [...wanted].map(([name, isNeeded]) => ({ name, isNeeded }));
}

/** What the quotas of an account say of the product's machines. */
export const quotaFindings = (quotas: readonly Quota[]): Finding[] =>
  wantedQuotas().map(({ name, isNeeded }) => {
    const value = quotas.find((quota) => quota.name === name)?.value ?? 0;
    if (value > 0) return fine('quota', `${name}: ${value}`);
    return isNeeded
      ? missing(
          'quota',
          `${name} is 0: jobs end with QUOTA_ZERO. Ask for 1 or more in Service Quotas, Amazon SageMaker`,
        )
      : fine('quota', `${name} is 0: jobs do without these machines`);
  });
