import { partSuffix } from '../machines/names';
import { STAGES, type Part, type Stage } from '../stages/stage';
import type { FolderFiles } from '../stages/definition';
import { STAGE, type DEFINITIONS } from '../stages/stages';
import { POSTERS } from './posters';
import { UPLOAD_ID_PATTERN } from './upload-manifest';

/** Everything of one attempt: settings, output, checkpoints, log. */
const attemptFolder = (jobId: string, stage: Stage, attempt: number, part: Part = null): string =>
  `jobs/${jobId}/${stage}/a${String(attempt).padStart(2, '0')}${partSuffix(part)}/`;

/** A folder of each attempt of a stage, or of one of its parts. */
const inAttempt =
  (name: string) =>
  (...attempt: Parameters<typeof attemptFolder>): string =>
    `${attemptFolder(...attempt)}${name}/`;

/** Where everything of a job lies in the deployment's bucket (design section 6). Folders end in `/`. */
export const layout = {
  jobsPrefix: 'jobs/',
  uploadsPrefix: 'uploads/',
  /** What the server's database holds that nothing else could tell: keys, tenants, shares, annotations, endpoints. */
  registryPrefix: 'registry/',
  batchesPrefix: 'batches/',
  batch: (batchId: string): string => `batches/${batchId}/batch.json`,
  /** Deliveries to the endpoints of tenants. */
  webhooksPrefix: 'webhooks/',
  endpointDeliveries: (tenant: string, endpointId: string): string => `webhooks/${tenant}/${endpointId}/`,
  /** Beside the folder of deliveries, which is listed. */
  endpointFailures: (tenant: string, endpointId: string): string => `webhooks/${tenant}/${endpointId}.failures.json`,
  endpointDelivery: (tenant: string, endpointId: string, deliveryId: string): string =>
    `webhooks/${tenant}/${endpointId}/${deliveryId}.json`,
  /** What workers must know of tenants' budgets, which are in the server's database. */
  budgetsPrefix: 'budgets/',
  usedUpBudget: (tenant: string): string => `budgets/${tenant}.json`,
  /** @param jobId '' where the thing belongs to no job */
  registered: (kind: string, tenant: string, jobId: string, id: string): string =>
    `registry/${kind}/${tenant}/${jobId === '' ? '' : `${jobId}/`}${id}.json`,
  /** All uploads of a tenant. */
  tenantUploads: (tenant: string): string => `uploads/${tenant}/`,
  uploadFolder: (tenant: string, uploadId: string): string => `uploads/${tenant}/${uploadId}/`,
  /** Photos of an upload that was made through the API. */
  uploadPhotosFolder: (tenant: string, uploadId: string): string => `${layout.uploadFolder(tenant, uploadId)}photos/`,
  /** What is to arrive, and that it has: in a hidden folder, which intake never takes for photos. */
  uploadStateFolder: (tenant: string, uploadId: string): string => `${layout.uploadFolder(tenant, uploadId)}.upload/`,
  uploadManifest: (tenant: string, uploadId: string): string =>
    `${layout.uploadStateFolder(tenant, uploadId)}manifest.json`,
  uploadCompletion: (tenant: string, uploadId: string): string =>
    `${layout.uploadStateFolder(tenant, uploadId)}complete.json`,
  jobFolder: (jobId: string): string => `jobs/${jobId}/`,
  record: (jobId: string): string => `jobs/${jobId}/job.json`,
  manifest: (jobId: string): string => `jobs/${jobId}/photos/manifest.json`,
  /** The accepted photos as SageMaker's ManifestFile. */
  photoList: (jobId: string): string => `jobs/${jobId}/photos/accepted.manifest`,
  unpackedFolder: (jobId: string): string => `jobs/${jobId}/photos/unpacked/`,
  attemptFolder,
  configFolder: inAttempt('config'),
  outputFolder: inAttempt('output'),
  checkpointFolder: inAttempt('checkpoints'),
  /** The scene as it is while it is trained; not below the checkpoints' own names. */
  preview: (jobId: string, attempt: number, file: PreviewFile): string =>
    `${layout.checkpointFolder(jobId, 'training', attempt)}previews/${file}`,
  /** What the attempt's program has printed. */
  attemptLog: (...attempt: Parameters<typeof attemptFolder>): string => `${attemptFolder(...attempt)}log.txt`,
  /** Artefacts of an attempt: its report, and the files that a later stage reads. */
  artifactFolder: (jobId: string, stage: Stage, attempt: number, jobName: string, part: Part = null): string =>
    `${layout.outputFolder(jobId, stage, attempt, part)}${STAGE[stage].artifactsBelow(jobName)}`,
  /** How one notification went; written by its own workflow, which outlives the job's. */
  deliveriesFolder: (jobId: string): string => `jobs/${jobId}/deliveries/`,
  delivery: (jobId: string, deliveryId: string): string => `jobs/${jobId}/deliveries/${deliveryId}.json`,
  /** Who did what to a job; erased with it. */
  auditFolder: (jobId: string): string => `jobs/${jobId}/audit/`,
  auditEntry: (jobId: string, entryId: string): string => `jobs/${jobId}/audit/${entryId}.json`,
  /** What endpoints are told of a job at one event; erased with it. */
  eventBody: (jobId: string, eventId: string): string => `jobs/${jobId}/events/${eventId}.json`,
  resultFolder: (jobId: string): string => `jobs/${jobId}/result/`,
} as const;

/** What training shows before its end, with media types: drawn every few seconds, and written at three times. */
export const PREVIEW_FILES = { 'picture.jpg': 'image/jpeg', 'scene.sog': 'application/octet-stream' } as const;
export type PreviewFile = keyof typeof PREVIEW_FILES;

/** What is no place for photos: results, keys and notes of the product. */
export const CLOSED_PREFIXES = [
  layout.jobsPrefix,
  layout.registryPrefix,
  layout.batchesPrefix,
  layout.webhooksPrefix,
  layout.budgetsPrefix,
] as const;

/** Files of the result folder, with their media types; the report is put together from those of all stages. */
export const RESULT_FILES = Object.fromEntries([
  ...STAGES.toReversed().flatMap((stage) => [
    ...Object.entries(STAGE[stage].published),
    ...Object.entries(STAGE[stage].publishedIfThere),
  ]),
  ['report.json', 'application/json'],
]) as Readonly<Record<ResultFile, string>>;
type Published<S extends Stage> = (typeof DEFINITIONS)[S]['published'] & (typeof DEFINITIONS)[S]['publishedIfThere'];
export type ResultFile = { [S in Stage]: keyof Published<S> }[Stage] | 'report.json';

/** A file of a published folder, such as `thumbnails/DJI_0001.JPG.webp`. */
export type FolderFile = `${string}/${string}`;
export type PublishedFile = ResultFile | FolderFile;

/** Such names are plain ASCII: the programs make them so. */
const PLAIN_PATH = /^[\w.-]+(?:\/[\w.-]+)+$/;
const MAX_PATH_LENGTH = 900; // a key has 1024 bytes
const foldersOf = (stage: Stage): [string, FolderFiles][] => Object.entries(STAGE[stage].publishedFolders);
const FOLDERS = STAGES.flatMap(foldersOf);

/** Media type of a file by its folder and its ending; null where no folder publishes such a file. */
const folderTypeOf = (path: string): string | null => {
  const [, files] = FOLDERS.find(([folder]) => path.startsWith(folder)) ?? [];
  const [, mediaType] = Object.entries(files ?? {}).find(([ending]) => path.endsWith(ending)) ?? [];
  return mediaType ?? null;
};

/** Whether a path is of a file that a published folder may hold: below it, of its kind, and no way out of it. */
export const isFolderFile = (path: string): path is FolderFile =>
  path.length <= MAX_PATH_LENGTH &&
  PLAIN_PATH.test(path) &&
  !path.split('/').some((segment) => /^\.+$/.test(segment)) &&
  folderTypeOf(path) !== null;

export const mediaTypeOf = (file: PublishedFile): string =>
  isResultFile(file) ? RESULT_FILES[file] : (folderTypeOf(file) ?? 'application/octet-stream');

/** Files of SfM that pages show of a result that is not published: rejected, not accepted yet, or being trained. */
export const isShownUnpublished = (file: PublishedFile): boolean =>
  file === 'photos.json' || file === 'scene.json' || foldersOf('sfm').some(([folder]) => file.startsWith(folder));

/** Files of the result that programs which show a scene read, beside those of a streamed one. */
export const VIEWED_FILES = [
  'scene.sog',
  'scene.json',
  ...POSTERS,
  'coverage.png',
] as const satisfies readonly ResultFile[];
const STREAMED_FOLDER: keyof (typeof DEFINITIONS)['compression']['publishedFolders'] = 'scene/';
/** Index of a streamed scene: a result that has it is shown by it. */
export const STREAMED_INDEX: ResultFile = 'scene/lod-meta.json';

/**
 * The file that has this name among those of a scene: of a streamed one as its `lod-meta.json` names it, such as
 * `0_0/meta.json`, or one of VIEWED_FILES. Null where a scene can have no such file.
 */
export function sceneFile(name: string): PublishedFile | null {
  const viewed = VIEWED_FILES.find((file) => file === name);
  const streamed = `${STREAMED_FOLDER}${name}`;
  return viewed ?? (isFolderFile(streamed) ? streamed : null);
}

/** The name that `sceneFile` takes for a file that a result lists; null where it is none of the scene's. */
export function nameInScene(file: string): string | null {
  const name = file === STREAMED_INDEX ? file.slice(STREAMED_FOLDER.length) : file;
  return sceneFile(name) === file ? name : null;
}

export const isResultFile = (name: string): name is ResultFile => Object.hasOwn(RESULT_FILES, name);

/** The upload that a key lies in, by its folder; null where it is none that the API made. */
export function uploadAt(key: string): { readonly tenant: string; readonly uploadId: string } | null {
  const [root, tenant, uploadId] = key.split('/');
  if (`${root}/` !== layout.uploadsPrefix || tenant === undefined || uploadId === undefined) return null;
  return UPLOAD_ID_PATTERN.test(uploadId) ? { tenant, uploadId } : null;
}
