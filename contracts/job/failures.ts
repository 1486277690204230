import { MORE_OVERLAP } from '../photos/advice';

/**
 * The one table of failures: workflow, API, pages and mails all read it, so the table is the documentation.
 *
 * `class` decides what the pipeline does by itself:
 * - `input`     a person must change something; never retried by itself
 * - `capacity`  waits, slowly; not counted as a failure
 * - `platform`  a new attempt, at most `policy.maxPlatformAttempts`
 * - `memory`    a new attempt with smaller settings, rung by rung (contracts/machines/memory-ladder)
 * - `runtime`   one new attempt that resumes from the checkpoint, if there is one
 * - `stopped`   someone else stopped the machine; parked
 * - `defect`    ours; parked
 */
export type FailureClass = 'input' | 'capacity' | 'platform' | 'memory' | 'runtime' | 'stopped' | 'defect';

interface FailureEntry {
  readonly class: FailureClass;
  /** What happened, in a few words for a heading; the failure's own message says it exactly. */
  readonly title: string;
  /** One sentence: what the person who sent the photos can do. */
  readonly advice: string;
  /** The message with its {numbers}, where both TypeScript and the containers' Python say it (`npm run generate`). */
  readonly sentence?: string;
}

const TELL_US = 'Retry the job; if it happens again, tell the operator the job id.';
const SMALLER_JOB =
  'Start a new job with a smaller preset, or with fewer or smaller photos: the smaller settings that this preset ' +
  'allows were tried already.';

export const FAILURES = {
  // Intake
  INPUT_NOT_FOUND: {
    class: 'input',
    title: 'The photos were not found',
    advice:
      'Check that the address names a folder or an archive that exists and holds your photos, and start a new job ' +
      'with the right address: a retry looks at the same one again.',
  },
  INPUT_FORBIDDEN: {
    class: 'input',
    title: 'The photos could not be read',
    advice:
      'Start a new job with an address in a bucket that this deployment may read, and not in the folder of another job.',
  },
  INPUT_UNSUPPORTED: {
    class: 'input',
    title: 'The address names a file of a kind that is not read',
    advice:
      'Put the photos into a folder, or pack them as .zip, .tar or .tar.gz, and start a new job with the address of that.',
  },
  NO_PHOTOS: {
    class: 'input',
    title: 'None of the files is a photo that can be used',
    advice: 'Start a new job with the address of JPEG or PNG photos; what lies at this one cannot be used.',
  },
  TOO_FEW_PHOTOS: {
    class: 'input',
    title: 'There are too few photos',
    advice: `Send at least as many overlapping photos as the message names; 20 or more work well. ${MORE_OVERLAP}`,
  },
  TOO_MANY_PHOTOS: {
    class: 'input',
    title: 'There are too many photos for one job',
    advice: 'Split the photos into several jobs, or choose a preset that takes more.',
  },
  ARCHIVE_INVALID: {
    class: 'input',
    title: 'The archive could not be opened',
    advice:
      'Make the archive again, as .zip with the compression "Store" or "Deflate", as .tar or as .tar.gz, without a ' +
      'password, or send the photos as a folder; then start a new job with that.',
  },
  ARCHIVE_UNSAFE: {
    class: 'input',
    title: 'The archive holds something that is not allowed',
    advice:
      'Make an archive that holds the photos themselves as ordinary files, without links and without ".." in their ' +
      'paths; then start a new job with that.',
  },
  ARCHIVE_TOO_LARGE: {
    class: 'input',
    title: 'The archive is too large',
    advice: 'Start a new job with the photos as a folder, or with a smaller archive.',
  },
  // Structure from motion
  POSITION_FILE_INVALID: {
    class: 'input',
    title: 'A file of positions beside the photos cannot be used',
    advice:
      'Correct the file that the message names, or leave it out and let the positions in the photos count, and start ' +
      'a new job.',
  },
  TOO_FEW_POINTS: {
    class: 'input',
    title: 'Too little of the place could be reconstructed',
    advice: MORE_OVERLAP,
    sentence: 'only {points} points could be reconstructed, {needed} are needed',
  },
  TOO_FEW_REGISTERED: {
    class: 'input',
    title: 'Too few of the photos fit together',
    advice: `Leave out photos of other places and blurred ones. ${MORE_OVERLAP}`,
    sentence: 'only {registered} of {photos} photos fit together',
  },
  NOT_GEOREFERENCED: {
    class: 'input',
    title: 'The scene is not laid on the map',
    advice:
      'The scene can be used; its size and its place on Earth are unknown. To have both, send the photos as the drone ' +
      'wrote them, with their own GPS positions.',
  },
  MODEL_BENT: {
    class: 'input',
    title: 'The reconstruction may be bent',
    advice:
      'Look at the result before you measure in it. Some oblique photos (camera tilted 30 to 45 degrees) and one focal ' +
      'length (no zoom) reconstruct better.',
    sentence: 'heights of cameras differ from their altitudes by up to {error} m, at {distance} m from what they see',
  },
  MODEL_DOUBLED: {
    class: 'input',
    title: 'The reconstruction may lay different places on one another',
    advice:
      'Look at the result: things that look alike (houses, the sides of a tower, rooms) may lie on one another. Leave ' +
      'out the photos of one of them, or add photos that show both with what lies between, or send photos with GPS.',
    sentence: '{contradicting} of {judged} pairs of photos show different things where they should show the same place',
  },
  // Training and compression
  MODEL_TOO_SMALL: {
    class: 'input',
    title: 'The 3D model came out nearly empty',
    advice: `If the job asked for few Gaussians (option maxGaussians), retry it with more. Otherwise: ${MORE_OVERLAP}`,
    sentence: 'the model has {gaussians} Gaussians that can be seen, at least {needed} are needed',
  },
  NOTHING_LEARNED: {
    class: 'input',
    title: 'The 3D model does not come to look like the photos',
    advice:
      'The photos do not show one and the same place, or not from the places that were found for them. Leave out ' +
      'photos with transparent, painted over or moving parts, of another camera, and of other places; then start a ' +
      'new job with the others.',
  },
  SCENE_EMPTY: {
    class: 'input',
    title: 'The scene shows almost nothing',
    advice: MORE_OVERLAP,
    sentence: 'the scene fills {covered} % of the picture that it opens with, at least {needed} % are needed',
  },
  MODEL_NOT_FINITE: { class: 'defect', title: 'The 3D model came out broken', advice: TELL_US },
  NOT_TRAINED: {
    class: 'defect',
    title: 'The 3D model was not trained',
    advice: TELL_US,
    sentence: 'training ended without an iteration',
  },
  MODEL_INVALID: { class: 'defect', title: 'The 3D model cannot be read', advice: TELL_US },
  SOG_INCOMPLETE: {
    class: 'defect',
    title: 'The scene lost parts in compression',
    advice: TELL_US,
    sentence: 'the compressed scene has {found} Gaussians, the model has {expected}',
  },
  DELIVERY_UNREADABLE: {
    class: 'defect',
    title: 'The finished scene cannot be opened',
    advice: `Your photos are fine. ${TELL_US}`,
  },
  DELIVERY_DIFFERS: {
    class: 'defect',
    title: 'The finished scene does not look like the 3D model',
    advice: `Your photos are fine. ${TELL_US}`,
    sentence: "a viewer's picture of the scene differs from the model's: {psnr} dB, at least {needed} dB are needed",
  },
  DELIVERY_EMPTY: {
    class: 'input',
    title: 'A viewer would show next to nothing of the scene',
    advice:
      'Check the positions in the photos (a receiver that hangs gives all of them the same place), or start a new ' +
      `job with photos without GPS. Where those are right: ${MORE_OVERLAP}`,
    sentence: 'the scene covers {covered} % of the view that a viewer opens with, at least {needed} % are needed',
  },
  SOG_TOO_LARGE: {
    class: 'defect',
    title: 'The scene is too large for the web',
    advice: 'Retry with fewer spherical harmonics bands (option shBands).',
  },
  SETTINGS_INVALID: { class: 'defect', title: 'A program did not accept its settings', advice: TELL_US },
  INTERNAL_ERROR: { class: 'defect', title: 'Something went wrong on our side', advice: TELL_US },
  REPORT_MISSING: { class: 'defect', title: 'A program ended without its report', advice: TELL_US },
  // Rented machines
  OUT_OF_MEMORY: {
    class: 'memory',
    title: 'The rented machine had too little memory',
    advice: SMALLER_JOB,
    sentence: 'the machine ran out of memory',
  },
  GPU_OUT_OF_MEMORY: {
    class: 'memory',
    title: "The rented machine's graphics card had too little memory",
    advice: SMALLER_JOB,
  },
  NO_CAPACITY: {
    class: 'capacity',
    title: 'AWS has no free machine at the moment',
    advice: 'Nothing to do: the job continues when a machine is free.',
  },
  QUOTA_REACHED: {
    class: 'capacity',
    title: 'All machines that this account may rent are in use',
    advice: 'Nothing to do: the job continues when another one has ended.',
  },
  NO_MACHINE_IN_TIME: {
    class: 'input',
    title: 'No machine became free in time',
    advice:
      'Retry later. If this happens often, ask the operator to have AWS raise the quota of this machine ' +
      '(Service Quotas, Amazon SageMaker).',
  },
  NO_SPOT_IN_TIME: {
    class: 'input',
    title: 'No spot machine was free for long enough',
    advice:
      'Retry with the capacity "on-demand": training goes on from where it was. Or retry as it is, when AWS has more ' +
      'machines to spare.',
  },
  QUOTA_ZERO: {
    class: 'input',
    title: 'This AWS account may not rent the machine that is needed',
    advice:
      'Your photos are fine. Ask AWS to raise the quota that the message names (AWS console, Service Quotas, ' +
      'Amazon SageMaker), or ask the operator to; then retry the job.',
  },
  PLATFORM_ERROR: {
    class: 'platform',
    title: 'The rented machine failed',
    advice: 'Retry the job: the rented machine failed, not your photos.',
  },
  DISK_FULL: {
    class: 'input',
    title: 'The disk is full',
    advice:
      'Your photos are fine. Free space on the disk that the message names (the operator can give a rented machine a ' +
      'larger one), then retry the job: what is finished is kept.',
  },
  MAX_RUNTIME_EXCEEDED: {
    class: 'runtime',
    title: 'The work took longer than the machine may run',
    advice: 'Start a new job with a faster preset or fewer photos.',
  },
  BUDGET_EXCEEDED: {
    class: 'input',
    title: 'The limit that you set was reached',
    advice: 'Retry with a higher limit (budgetUsd or maxHours), or start a new job with a faster preset.',
  },
  BUDGET_EXHAUSTED: {
    class: 'input',
    title: 'The budget of this month is spent',
    advice:
      'No machine was rented. Ask the operator for a larger budget, or wait for the next month, and retry the job.',
  },
  STOPPED_FROM_OUTSIDE: {
    class: 'stopped',
    title: 'Someone stopped the rented machine',
    advice:
      'It was not this job that did it: ask whoever looks after the AWS account. Retry the job when that is settled.',
  },
  NOT_OURS: {
    class: 'defect',
    title: 'Another job has taken the name of the machine',
    advice:
      'Your photos are fine. Tell the operator the job id: a SageMaker job of this name exists that this job ' +
      'did not make.',
  },
  REQUEST_REFUSED: {
    class: 'defect',
    title: 'AWS refused to rent the machine',
    advice: 'Your photos are fine. Tell the operator the job id: the message has what AWS answered.',
  },
  CONTAINER_FAILED: { class: 'defect', title: 'A program failed', advice: TELL_US },
} as const satisfies Record<string, FailureEntry>;

export type FailureCode = keyof typeof FAILURES;

export const isFailureCode = (value: unknown): value is FailureCode =>
  typeof value === 'string' && Object.hasOwn(FAILURES, value);

/** A failure as people and programs see it: a stable code, what happened and why, what to do. */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
  readonly advice: string;
}

/** @param advice that fits this case better than the code's */
export const failure = (code: FailureCode, message: string, advice: string | null = null): Failure => ({
  code,
  message,
  advice: advice ?? FAILURES[code].advice,
});

type SharedSentences = {
  [C in FailureCode as (typeof FAILURES)[C] extends { sentence: string } ? C : never]: (typeof FAILURES)[C] extends {
    sentence: infer T;
  }
    ? T
    : never;
};
type NumbersOf<T> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | NumbersOf<Rest> : never;

/** The message of a failure whose wording TypeScript and Python share, with its numbers. */
export const sentence = <C extends keyof SharedSentences>(
  code: C,
  numbers: Readonly<Record<NumbersOf<SharedSentences[C]>, number>>,
): string =>
  FAILURES[code].sentence.replace(/\{(\w+)\}/g, (_, name: string) => String((numbers as Record<string, number>)[name]));

/** For headings and the subjects of mails. */
export const failureTitle = (code: FailureCode): string => FAILURES[code].title;

export const failureClass = (code: FailureCode): FailureClass => FAILURES[code].class;
