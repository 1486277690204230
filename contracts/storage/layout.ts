import type { Stage } from '../stages/stage';

/** Where everything of a job lies in the deployment's bucket (design section 6). Folders end in `/`. */
const attemptFolder = (jobId: string, stage: Stage, attempt: number): string =>
  `jobs/${jobId}/${stage}/a${String(attempt).padStart(2, '0')}/`;

export const layout = {
  jobsPrefix: 'jobs/',
  uploadsPrefix: 'uploads/',
  uploadFolder: (tenant: string, uploadId: string): string => `uploads/${tenant}/${uploadId}/`,
  jobFolder: (jobId: string): string => `jobs/${jobId}/`,
  record: (jobId: string): string => `jobs/${jobId}/job.json`,
  manifest: (jobId: string): string => `jobs/${jobId}/photos/manifest.json`,
  /** The accepted photos as SageMaker's ManifestFile. */
  photoList: (jobId: string): string => `jobs/${jobId}/photos/accepted.manifest`,
  /** Everything of one attempt: settings, output, checkpoints. */
  attemptFolder,
  unpackedFolder: (jobId: string): string => `jobs/${jobId}/photos/unpacked/`,
  configFolder: (jobId: string, stage: Stage, attempt: number): string =>
    `${attemptFolder(jobId, stage, attempt)}config/`,
  outputFolder: (jobId: string, stage: Stage, attempt: number): string =>
    `${attemptFolder(jobId, stage, attempt)}output/`,
  checkpointFolder: (jobId: string, stage: Stage, attempt: number): string =>
    `${attemptFolder(jobId, stage, attempt)}checkpoints/`,
  /** What a stage leaves: a training job's artefacts lie below its own name (OutputDataConfig, CompressionType NONE). */
  artifactFolder(jobId: string, stage: Stage, attempt: number, jobName: string): string {
    const output = layout.outputFolder(jobId, stage, attempt);
    return stage === 'training' ? `${output}${jobName}/output/model/` : output;
  },
  /** How one notification went; written by its own workflow, which outlives the job's. */
  deliveriesFolder: (jobId: string): string => `jobs/${jobId}/deliveries/`,
  delivery: (jobId: string, deliveryId: string): string => `jobs/${jobId}/deliveries/${deliveryId}.json`,
  resultFolder: (jobId: string): string => `jobs/${jobId}/result/`,
} as const;

/** Files of the result folder, with what a browser should take them for. */
export const RESULT_FILES = {
  'scene.sog': 'application/octet-stream',
  'model.ply': 'application/octet-stream',
  'cameras.json': 'application/json',
  'report.json': 'application/json',
  'poster.jpg': 'image/jpeg',
} as const;
export type ResultFile = keyof typeof RESULT_FILES;

export const isResultFile = (name: string): name is ResultFile => Object.hasOwn(RESULT_FILES, name);
