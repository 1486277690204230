import { estimate, type CountRange, type Estimate } from '../../contracts/estimates/estimate';
import { formatCount } from '../../contracts/job/formats';
import type { JobOptions } from '../../contracts/stages/options';
import { PRESET, type PresetName } from '../../contracts/stages/presets';
import { s3Uri, type S3Location } from '../../contracts/storage/location';
import type { UploadManifest } from '../../contracts/storage/upload-manifest';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { invalidRequest } from '../http/request-schemas';
import { inputProblem, type InputRulesOf } from '../jobs/input-access';
import type { CalibrationOf } from './calibrations';
import { countOf, type CountPhotos } from './photo-count';

/** What an estimate is asked for: so many photos, those at a place, or those of an upload. */
export interface EstimateRequest {
  readonly preset: PresetName;
  readonly options: JobOptions;
  readonly megapixels: number | null;
  readonly input: { readonly photos: number } | { readonly location: S3Location } | { readonly uploadId: string };
}

/** Time and cost of a job, before it is started. Throws Problem for an input that no job could be started with. */
export type EstimateJob = (caller: Caller, request: EstimateRequest) => Promise<Estimate>;

export interface EstimateDeps {
  readonly calibrationOf: CalibrationOf;
  readonly countPhotos: CountPhotos;
  readonly inputRules: InputRulesOf;
  /** The manifest of an upload, whatever of it has arrived. Throws UPLOAD_NOT_FOUND and UPLOAD_EXPIRED. */
  readonly manifestOf: (caller: Caller, uploadId: string) => Promise<UploadManifest>;
}

export function createEstimates({ calibrationOf, countPhotos, inputRules, manifestOf }: EstimateDeps): EstimateJob {
  /** The field that the photos come from, and how many they are. */
  const counted = async (
    caller: Caller,
    input: EstimateRequest['input'],
  ): Promise<{ readonly field: string; readonly photos: CountRange }> => {
    if ('photos' in input) return { field: 'photos', photos: { low: input.photos, high: input.photos } };
    if ('uploadId' in input) {
      const { files } = await manifestOf(caller, input.uploadId);
      return { field: 'uploadId', photos: countOf(files) ?? none('uploadId', 'announces no photos') };
    }
    const forbidden = inputProblem(caller, input.location, await inputRules(caller));
    if (forbidden !== null) throw forbidden;
    const found = await reached('The storage', countPhotos(input.location));
    return { field: 's3Url', photos: found ?? none('s3Url', `leads to no photos: ${s3Uri(input.location)} has none`) };
  };

  return async (caller, { preset, options, megapixels, input }) => {
    const { field, photos } = await counted(caller, input);
    const { maxPhotos } = PRESET[preset];
    if (photos.low > maxPhotos)
      none(
        field,
        `has ${formatCount(photos.low)} photos; the preset ${preset} takes ${formatCount(maxPhotos)} at most`,
      );
    // What an archive holds may be more than a job takes: such a job would not run.
    const possible = { low: photos.low, high: Math.min(maxPhotos, photos.high) };
    return estimate({ photos: possible, megapixels, preset, options }, await calibrationOf(caller.tenant, preset));
  };
}

function none(field: string, message: string): never {
  throw invalidRequest([{ field, message }]);
}
