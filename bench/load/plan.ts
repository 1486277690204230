import { byStage } from '../../contracts/stages/stage';
import { planJobs, type JobPlan } from '../chaos/job-plan';

/** Long enough for a person to come. */
const RETRY_WINDOW_SECONDS = 60;

/**
 * Jobs whose programs all end well, of which people only wait for the end; with the faults of SageMaker and S3 that the
 * chaos bench plans for the same seed, or without any.
 */
export const planLoad = (seed: number, jobs: number, withFaults: boolean): JobPlan[] =>
  planJobs(seed, jobs).map((plan) => ({
    ...plan,
    request: { preset: 'preview', retryWindowSeconds: RETRY_WINDOW_SECONDS },
    scripts: byStage(() => [{ do: 'complete' }]),
    faults: withFaults ? plan.faults : { sagemaker: [], s3: [] },
    webhook: null,
  }));
