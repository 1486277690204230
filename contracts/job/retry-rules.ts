import { OPTION_RULES, type JobOptions } from '../stages/options';
import { firstOpenStage, type JobRecord, type JobRequest } from './record';
import type { RetryRequest } from '../messages/signals';
import { STAGES, STAGE_TITLE, type Stage } from '../stages/stage';

/** Where a retry goes on: the stage that it names, else the first without an accepted result. */
export const retryStage = (record: JobRecord, { fromStage }: Pick<RetryRequest, 'fromStage'>): Stage =>
  fromStage ?? firstOpenStage(record) ?? 'compression';

/** Why a retry cannot go on from the stage that it names, for lack of an earlier result; null when it can. */
export function unreachedStage(record: JobRecord, fromStage: Stage | null): string | null {
  const reachable = firstOpenStage(record);
  if (fromStage === null || reachable === null || STAGES.indexOf(fromStage) <= STAGES.indexOf(reachable)) return null;
  return `"${STAGE_TITLE[fromStage]}" needs the result of "${STAGE_TITLE[reachable]}"; retry from ${reachable} or an earlier stage`;
}

/** Options of stages whose result is kept: they would change nothing, which is better said than ignored. */
export function ineffectiveOptions(
  record: JobRecord,
  retry: RetryRequest,
): { readonly option: keyof JobOptions; readonly why: string }[] {
  const first = STAGES.indexOf(retryStage(record, retry));
  return (Object.keys(retry.options) as (keyof JobOptions)[])
    .filter((option) => STAGES.indexOf(OPTION_RULES[option].stage) < first)
    .map((option) => {
      const { stage } = OPTION_RULES[option];
      return { option, why: `belongs to ${stage}, whose result is kept; send "fromStage":"${stage}" too` };
    });
}

/** The request of a job as a retry changes it. */
export const requestAfterRetry = (request: JobRequest, { options, budgetUsd, maxHours }: RetryRequest): JobRequest => ({
  ...request,
  options: { ...request.options, ...options },
  budgetUsd: budgetUsd ?? request.budgetUsd,
  maxHours: maxHours ?? request.maxHours,
});
