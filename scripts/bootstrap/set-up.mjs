/** Set-up: brings a checkout to where everything runs. Idempotent; an interrupted one continues where it was. */
import { Problem } from './problem.mjs';
import { say, seconds } from './say.mjs';
import { withSetUpLock } from './set-up-lock.mjs';
import { kernels } from './steps/kernels.mjs';
import { node } from './steps/node.mjs';
import { npmPackages } from './steps/npm-packages.mjs';
import { python } from './steps/python.mjs';
import { temporal } from './steps/temporal.mjs';
import { typescript } from './steps/typescript.mjs';
import { workflows } from './steps/workflows.mjs';

/**
 * In the order in which they build on each other. `run` throws a Problem, or returns a warning where Spaceport works
 * without the step.
 * @typedef {{ title: string, isDone: () => boolean, run: () => Warning | Promise<Warning> }} Step
 * @typedef {string | undefined | void} Warning
 * @type {Step[]}
 */
const STEPS = [node, npmPackages, typescript, workflows, python, kernels, temporal];

/** Throws a Problem that names what is missing and how to get it. */
export function setUp() {
  return withSetUpLock(async () => {
    const startedMs = Date.now();
    let did = 0;
    for (const [index, step] of STEPS.entries()) {
      if (step.isDone()) continue;
      did += 1;
      const stepStartedMs = Date.now();
      say(`Set-up ${index + 1}/${STEPS.length}: ${step.title}`);
      const warning = await step.run();
      say(warning ? `  Warning: ${warning}` : `  done in ${seconds(stepStartedMs)}`);
    }
    if (did > 0) say(`Set-up is complete (${seconds(startedMs)}).`);
  });
}

/** Runs `work` and turns a Problem into a message for a person and exit status 1. */
export async function orExplain(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    say(`\nSpaceport cannot continue: ${error.message}`);
    if (error.advice) say(`What to do: ${error.advice}`);
    return 1;
  }
}
