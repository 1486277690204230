import type { JobState } from '../../contracts/job/state';
import type { JobView, StageProgress } from '../../contracts/job/view';
import { WAITING_WORDS } from '../../contracts/job/words';
import { phaseWords } from '../../contracts/stages/phases';
import { LiveLine, tenth, type Output } from './live-line';

/** What of a job its progress is told from. */
type ShownJob = Pick<JobView, 'state' | 'step' | 'stageProgress' | 'waiting' | 'costUsd'>;

/** Where a phase stood when it was first seen: what its speed is told from. */
interface PhaseStart {
  readonly phase: string;
  readonly fraction: number;
  readonly atMs: number;
}

const MIN_FRACTION_FOR_FORECAST = 0.02;

/** Shows a job's progress: one line that is rewritten on a terminal, else a line a phase and every 10 %. */
export class ProgressDisplay {
  private phaseStart: PhaseStart | null = null;
  private readonly line: LiveLine;

  constructor(
    output: Output,
    private readonly now: () => number = Date.now,
  ) {
    this.line = new LiveLine(output);
  }

  update(job: ShownJob): void {
    const fraction = job.stageProgress?.fraction ?? null;
    const step = fraction === null ? '' : tenth(fraction);
    const { phase, status } = job.stageProgress ?? {};
    this.line.show(this.describe(job), [job.state, job.waiting?.for, job.step, phase, status, step].join(' '));
  }

  /** Clears the terminal's line, so that something else can be said. */
  clear(): void {
    this.line.clear();
  }

  private describe(job: ShownJob): string {
    if (job.waiting !== null) return `  waiting for ${WAITING_WORDS[job.waiting.for].what}: ${job.waiting.message}`;
    const what =
      job.stageProgress === null
        ? (job.step ?? job.state)
        : `${job.stageProgress.stage}: ${this.describeStage(job.stageProgress, job.state)}`;
    const state = job.state === 'running' || job.state === what ? '' : `${job.state}, `;
    const cost = job.costUsd > 0 ? `, ${job.costUsd.toFixed(4)} USD so far` : '';
    return `  ${state}${what}${cost}`;
  }

  private describeStage(progress: StageProgress, state: JobState): string {
    const { phase, fraction, status } = progress;
    if (phase === null) return status;
    const words = phaseWords(progress.stage, phase);
    if (fraction === null) return words;
    const left = state === 'cancelling' ? null : this.secondsLeft(`${progress.stage} ${phase}`, fraction);
    return `${words} ${Math.floor(fraction * 100)} %${left === null ? '' : `, ${clock(left)} left`}`;
  }

  /** Of the phase, at the speed that it had so far; null while that is a guess. */
  private secondsLeft(phase: string, fraction: number): number | null {
    if (this.phaseStart?.phase !== phase) this.phaseStart = { phase, fraction, atMs: this.now() };
    const done = fraction - this.phaseStart.fraction;
    if (done < MIN_FRACTION_FOR_FORECAST) return null;
    return ((this.now() - this.phaseStart.atMs) / 1000 / done) * (1 - fraction);
  }
}

/** `1:05` for 65 seconds, `1:00:05` for an hour and 5 seconds. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (number: number): string => String(number).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return `${hours === 0 ? minutes : `${hours}:${two(minutes)}`}:${two(whole % 60)}`;
}
