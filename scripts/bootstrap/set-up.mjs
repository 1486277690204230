/** Set-up: brings a checkout to where everything runs. Idempotent; an interrupted one continues where it was. */
import { Problem } from './problem.mjs';
import { say, seconds } from './say.mjs';
import { withSetUpLock } from './set-up-lock.mjs';
import { kernels } from './steps/kernels.mjs';
import { node } from './steps/node.mjs';
import { infraPackages, npmPackages } from './steps/npm-packages.mjs';
import { pythonEnvironment, pythonPackages } from './steps/python.mjs';
import { temporal } from './steps/temporal.mjs';
import { typescript } from './steps/typescript.mjs';
import { web } from './steps/web.mjs';
import { workflows } from './steps/workflows.mjs';

/**
 * `run` throws a Problem, or returns a warning where Spaceport works without the step.
 * @typedef {{ title: string, isDone: () => boolean, run: () => Warning | Promise<Warning> }} Step
 * @typedef {string | undefined | void} Warning
 */

/**
 * Each step with those that it needs. Packages of the two languages take longest, and wait for the network and the disk
 * in turns: so they are installed side by side, and what is compiled beside them needs neither.
 * @type {Map<Step, Step[]>}
 */
const STEPS = new Map([
  [node, []],
  [npmPackages, [node]],
  [typescript, [npmPackages]],
  [workflows, [typescript]],
  [web, [typescript]],
  [pythonEnvironment, []],
  [pythonPackages, [pythonEnvironment]],
  [kernels, [pythonEnvironment]],
  [temporal, [npmPackages]],
]);

/**
 * Throws a Problem that names what is missing and how to get it.
 * @param {{ withInfra?: boolean }} [options] `withInfra`: also what the stacks of the AWS account are made with
 */
export function setUp({ withInfra = false } = {}) {
  return withSetUpLock(async () => {
    const startedMs = Date.now();
    // After the other packages: two runs of npm at once write to the same cache.
    const did = await runSteps(withInfra ? new Map([...STEPS, [infraPackages, [npmPackages]]]) : STEPS);
    if (did > 0) say(`Set-up is complete (${seconds(startedMs)}).`);
  });
}

/**
 * Runs the steps that are not done, each as soon as those that it needs are. After one that fails, what does not need it
 * goes to its end, so that the next set-up finds it done; then the first Problem is thrown.
 * @param {Map<Step, Step[]>} steps each after those that it needs
 * @returns {Promise<number>} how many were run
 */
export async function runSteps(steps) {
  let did = 0;
  /** @type {Map<Step, Promise<void>>} */
  const ends = new Map();
  for (const [step, needs] of steps) {
    const number = `${ends.size + 1}/${steps.size}`;
    const work = async () => {
      await Promise.all(needs.map((need) => ends.get(need)));
      if (step.isDone()) return;
      did += 1;
      const startedMs = Date.now();
      say(`Set-up ${number}: ${step.title}`);
      const warning = await step.run();
      say(`  ${number} ${warning ? `warning: ${warning}` : `done in ${seconds(startedMs)}`}`);
    };
    ends.set(step, work());
  }
  for (const end of await Promise.allSettled(ends.values())) if (end.status === 'rejected') throw end.reason;
  return did;
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
