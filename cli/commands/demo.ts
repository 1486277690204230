import { figures } from '../../contracts/job/formats';
import { isFinal } from '../../contracts/job/state';
import type { JobView, StartedJob } from '../../contracts/job/view';
import { warningsOf } from '../../contracts/stages/reports';
import type { DemoCommand } from '../command';
import { exitStatus, summarizeJob } from '../text/job-summary';
import { waitForMail, type SunkMail } from '../stack/mail-sink';
import { openPage } from '../stack/open-page';
import { untilInterrupted, withStack, type OpenStack, type StackContext } from '../stack/open-stack';
import { findPhotos, sentence, uploadPhotos, type LocalPhotos } from '../server/photo-upload';
import { clock } from '../text/progress';
import { downloadResult } from '../server/result-download';
import { SpaceportApi } from '../server/spaceport-api';
import { renderSyntheticPhotos } from '../stack/synthetic-photos';
import { columns } from '../text/columns';
import { UsageError } from '../usage-error';
import { longDemo } from './long-demo';
import { watchJob } from './watch-job';

const MAIL_WITHIN_MS = 15_000;

/** Photos to a splat on this machine, from start to end. Returns the exit status. */
export async function demo(command: DemoCommand, context: StackContext): Promise<number> {
  const startedMs = Date.now();
  // Nothing is started for a folder that holds nothing.
  const given = command.photos === null ? null : await findPhotos(command.photos);
  const long = longDemo(command.preset, given);
  if (long !== null && !command.yes) throw new UsageError(`${long}. Add --yes to begin nevertheless.`);
  if (long !== null) context.say(`${long}.`);
  return withStack(context, async (stack) => {
    const photos = given ?? (await findPhotos(await renderSyntheticPhotos(context.checkout, stack.signal)));
    const api = new SpaceportApi(stack.endpoints.server, context.environment.SPACEPORT_KEY || null);
    const job = await runJob(command, photos, api, stack, context);
    const seconds = Math.round((Date.now() - startedMs) / 100) / 10;
    const mail = await waitForMail(stack.endpoints.mail, command.email, job.jobId, MAIL_WITHIN_MS, stack.signal);
    const files = await downloadResult(api, job, context.checkout.resultsFolder, stack.signal);
    const summary = summarizeJob(job, files, mail, seconds);
    reportEnd(job, mail, summary.result?.sogPath ?? null, seconds, context.say);
    if (command.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
    if (!command.exit && stack.isOurs) {
      context.say('\nThe local stack stays up until Ctrl-C.');
      await untilInterrupted(stack, context);
    }
    return exitStatus(job.state);
  });
}

async function runJob(
  command: DemoCommand,
  photos: LocalPhotos,
  api: SpaceportApi,
  { endpoints, bucket, s3, signal }: OpenStack,
  { checkout, environment, say }: StackContext,
): Promise<JobView> {
  say(sentence(photos));
  const s3Url = await uploadPhotos(s3, bucket, photos, signal);
  for (const other of await api.jobs()) {
    if (!isFinal(other.state))
      say(
        `Job ${other.jobId} from before is ${other.state} as well; npm run spaceport -- cancel ${other.jobId} ends it.`,
      );
  }
  const retryWindow = command.exit ? { retryWindowSeconds: 0 } : {};
  const started = await api.startJob({
    s3Url,
    email: command.email,
    preset: command.preset,
    ...command.terms,
    ...retryWindow,
  });
  reportStart(started, signalCommand(checkout.temporal, endpoints.temporal, started.workflowId), say);
  // A person who watches is shown the job at once; a program is not.
  if (!command.exit && !command.json) openPage(started.pageUrl, environment);

  return watchJob(api, started.jobId, say, signal);
}

function reportStart(
  { jobId, pageUrl, workflowUrl }: StartedJob,
  cancelCommand: string,
  say: (line: string) => void,
): void {
  say(`\nJob ${jobId} has started.`);
  say(`  Page             ${pageUrl}`);
  if (workflowUrl !== null) say(`  Temporal Web UI  ${workflowUrl}`);
  say(`  Cancel it with   ${cancelCommand}\n`);
}

/** The command that a person pastes to cancel a job through the plain Temporal CLI. */
export function signalCommand(temporalProgram: string, address: string, workflowId: string): string {
  const program = /^[\w./-]+$/.test(temporalProgram)
    ? temporalProgram
    : `'${temporalProgram.replaceAll("'", `'\\''`)}'`;
  return `${program} workflow signal --address ${address} --workflow-id ${workflowId} --name cancel`;
}

function reportEnd(
  job: JobView,
  mail: SunkMail | null,
  sogPath: string | null,
  seconds: number,
  say: (line: string) => void,
): void {
  say(`\nJob ${job.jobId} ${job.state} after ${clock(seconds)}, ${job.costUsd.toFixed(4)} USD at the prices of AWS.`);
  const { failure, photos, stages, result } = job;
  const facts: [name: string, value: string][] = [];
  if (failure) facts.push(['Why', `${failure.code}: ${failure.message}`], ['What to do', failure.advice]);
  const { rejected = [], leftOut = 0 } = photos ?? {};
  for (const { name, reason } of rejected) facts.push(['Left out', `${name}: ${reason}`]);
  if (leftOut > rejected.length) facts.push(['Left out', `and ${leftOut - rejected.length} more`]);
  facts.push(...figures(photos, stages));
  for (const warning of warningsOf(stages)) facts.push(['Good to know', warning]);
  if (result) facts.push(['Result', result.pageUrl]);
  if (sogPath !== null) facts.push(['Saved', sogPath]);
  facts.push(['Mail', mail === null ? 'has not arrived' : `"${mail.subject}" to ${mail.to}: ${mail.url}`]);
  say(columns(facts).replace(/^/gm, '  '));
}
