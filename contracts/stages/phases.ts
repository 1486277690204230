import type { Stage } from './stage';

/** A part of a stage's program, as its progress lines name it. */
export interface Phase {
  /** What the program does then, for people. */
  readonly words: string;
  /** About how much of the stage's time it takes; those of a stage come to 1. */
  readonly share: number;
}

/**
 * The phases of each stage's program, in order. Shares are those of 24 to 300 photos (docs/registration.md, "Speed", and
 * the `phases` of reports): a bar that goes on is wanted, not a forecast, which `timeLeft` is.
 */
export const PHASES: Readonly<Record<Stage, Readonly<Record<string, Phase>>>> = {
  sfm: {
    prepare: { words: 'Reading the photos', share: 0.1 },
    features: { words: 'Finding details in the photos', share: 0.3 },
    matching: { words: 'Comparing photos in pairs', share: 0.35 },
    mapping: { words: 'Working out where the photos were taken', share: 0.25 },
  },
  training: {
    prepare: { words: 'Loading the photos', share: 0.02 },
    train: { words: 'Learning the scene from the photos', share: 0.81 },
    evaluate: { words: 'Comparing the model with photos', share: 0.05 },
    refit: { words: 'Learning from the photos that were held out too', share: 0.1 },
    export: { words: 'Writing the model', share: 0.02 },
  },
  compression: {
    read: { words: 'Reading the model', share: 0.03 },
    order: { words: 'Sorting the Gaussians', share: 0.02 },
    encode: { words: 'Writing the scene', share: 0.1 },
    palette: { words: 'Finding common colours', share: 0.3 },
    decode: { words: 'Reading the scene back', share: 0.06 },
    verify: { words: 'Comparing numbers with the model', share: 0.03 },
    draw: { words: 'Comparing pictures with the model', share: 0.1 },
    spz: { words: 'Writing the scene for other programs', share: 0.02 },
    html: { words: 'Writing the scene with its viewer', share: 0.04 },
    phone: { words: 'Writing a smaller scene for phones', share: 0.02 },
    stream: { words: 'Writing the scene in pieces', share: 0.1 },
    topdown: { words: 'Drawing the scene from above', share: 0.04 },
    orthophoto: { words: 'Drawing the map', share: 0.08 },
    pointcloud: { words: 'Measuring points', share: 0.05 },
    tiles: { words: 'Writing tiles for globes', share: 0.03 },
  },
};

const phaseOf = (stage: Stage, name: string | null): Phase | undefined =>
  name !== null && Object.hasOwn(PHASES[stage], name) ? PHASES[stage][name] : undefined;

/** What a program does in a phase, for people; the phase's own name where a newer program has others. */
export const phaseWords = (stage: Stage, name: string): string =>
  phaseOf(stage, name)?.words ?? name.charAt(0).toUpperCase() + name.slice(1);

/**
 * How much of a stage is done, from 0 to 1, by the phase that it is in and the fraction of that; null where nobody knows.
 */
export function stageFraction({
  stage,
  phase: name,
  fraction,
}: {
  readonly stage: Stage;
  readonly phase: string | null;
  readonly fraction: number | null;
}): number | null {
  const phase = phaseOf(stage, name);
  if (phase === undefined || name === null || fraction === null) return null;
  const names = Object.keys(PHASES[stage]);
  const before = names.slice(0, names.indexOf(name)).reduce((sum, each) => sum + (PHASES[stage][each]?.share ?? 0), 0);
  return Math.min(1, before + phase.share * fraction);
}
