import { ActivityCancellationType, proxyActivities, type ActivityInterfaceFor } from '@temporalio/workflow';
import type { BatchActivities } from '../../activities/batch/members';
import type { BatchMailActivities } from '../../activities/notify/batch-mail';
import type { WorkflowRunActivities } from '../../activities/workflow-runs';
import type { Policy } from '../../contracts/job/policy';
import { shortCall } from '../activity-options';
import { mailOptions } from '../delivery/proxies';

type Calls = Pick<BatchActivities, 'startJob' | 'cancelJobs' | 'noteBatch'>;
type Survey = Pick<BatchActivities, 'surveyJobs'>;
type Watch = Pick<BatchActivities, 'awaitJobs'>;
type Runs = Pick<WorkflowRunActivities, 'requestCancellation'>;

/** A batch's activities, by capability. */
export interface BatchProxies {
  readonly jobs: ActivityInterfaceFor<Calls>;
  readonly survey: ActivityInterfaceFor<Survey>;
  readonly watch: ActivityInterfaceFor<Watch>;
  readonly mail: ActivityInterfaceFor<BatchMailActivities>;
  readonly runs: ActivityInterfaceFor<Runs>;
}

/** Longest look at all jobs of a batch. */
const SURVEY_TIMEOUT = '5 minutes';

/** The activities of a batch; an outage of S3 or Temporal is waited for, however long it takes. */
export function batchProxies(deployment: string, policy: Policy): BatchProxies {
  const short = shortCall(deployment, policy);
  return {
    jobs: proxyActivities<Calls>(short),
    survey: proxyActivities<Survey>({ ...short, startToCloseTimeout: SURVEY_TIMEOUT }),
    // A look that is given up is not waited for: another one sees what it would have seen.
    watch: proxyActivities<Watch>({ ...short, cancellationType: ActivityCancellationType.TRY_CANCEL }),
    mail: proxyActivities<BatchMailActivities>(mailOptions(deployment, policy)),
    runs: proxyActivities<Runs>(short),
  };
}
