import { Check, CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { timeLeftWords } from '../../contracts/estimates/words';
import { isFinal, STEP_TITLE, type Step } from '../../contracts/job/state';
import type { JobView, StageProgress } from '../../contracts/job/view';
import { phaseWords, stageFraction } from '../../contracts/stages/phases';
import { isStage } from '../../contracts/stages/stage';
import { job as words } from '../i18n/en/job';
import { STEPS } from '../jobs/stage-bar';
import { count, decimal, duration, share, usd } from '../ui/format';
import { Facts } from '../ui/facts';

/** The steps of a job with their times, and what the present one does. */
export function Timeline({ job }: { readonly job: JobView }): ReactNode {
  const at = job.step === null ? -1 : STEPS.indexOf(job.step);
  return (
    <ol className="timeline">
      {STEPS.map((step, index) => {
        const isDone = job.state === 'succeeded' || index < at;
        const isHere = !isDone && index === at;
        const hasStopped = isHere && ['failed', 'parked'].includes(job.state);
        const progress = isHere && job.stageProgress?.stage === step ? job.stageProgress : null;
        return (
          <li
            key={step}
            className={isDone ? 'done' : hasStopped ? 'stopped' : isHere ? 'now' : 'later'}
            aria-current={isHere ? 'step' : undefined}
          >
            <span className="mark" aria-hidden="true">
              {isDone ? <Check size={14} strokeWidth={3} /> : hasStopped ? <CircleAlert size={16} /> : null}
            </span>
            <div>
              <p>
                <strong>{STEP_TITLE[step]}</strong>
                <span>{spentOn(job, step)}</span>
              </p>
              {progress !== null && !isFinal(job.state) && <Progress progress={progress} />}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function Progress({ progress }: { readonly progress: StageProgress }): ReactNode {
  const { stage, phase, done, total, status, metrics } = progress;
  const amount = done !== null && total !== null && total > 1 ? words.of(count(done), count(total)) : null;
  const doing = phase === null ? (words.machineStatus[status] ?? status) : phaseWords(stage, phase);
  return (
    <>
      <progress max={1} value={stageFraction(progress) ?? undefined} aria-label={STEP_TITLE[stage]} />
      <p className="doing">{[doing, amount, ...measured(metrics)].filter((each) => each !== null).join(' · ')}</p>
    </>
  );
}

/** What people may want to know of a program's figures. */
function measured({ psnr, gaussians }: StageProgress['metrics']): string[] {
  return [
    ...(typeof psnr === 'number' ? [words.metrics.psnr(decimal(psnr, 1))] : []),
    ...(typeof gaussians === 'number' ? [words.metrics.gaussians(count(gaussians))] : []),
  ];
}

/** Time of the machines of a step, all attempts. */
function spentOn({ attempts }: JobView, step: Step): string {
  if (!isStage(step)) return '';
  const seconds = attempts.filter(({ stage }) => stage === step).reduce((sum, attempt) => sum + attempt.seconds, 0);
  return seconds === 0 ? '' : duration(seconds);
}

/** The three numbers that a person looks for first. */
export function Headline({ job }: { readonly job: JobView }): ReactNode {
  const { state, timeLeft, costUsd, tookSeconds: took, step, stageProgress } = job;
  const fraction = stageProgress !== null && stageProgress.stage === step ? stageFraction(stageProgress) : null;
  const facts: [string, string][] = [];
  if (state === 'running' && step !== null)
    facts.push([words.now, `${STEP_TITLE[step]}${fraction === null ? '' : `, ${share(fraction)}`}`]);
  if (timeLeft !== null) facts.push([words.left, timeLeftWords(timeLeft).replace(/ left$/, '')]);
  if (took !== null) facts.push([words.took, duration(took)]);
  facts.push([isFinal(state) ? words.finalCost : words.cost, usd(costUsd)]);
  return <Facts facts={facts} className="headline" />;
}
