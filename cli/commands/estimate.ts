import path from 'node:path';
import type { components } from '../../contracts/generated/api';
import { formatCount, formatSeconds, formatUsd } from '../../contracts/job/formats';
import { isArchive } from '../../contracts/storage/location';
import { isPositionFile } from '../../contracts/storage/position-files';
import { uploadMediaType } from '../../contracts/storage/upload-rules';
import type { PresetName } from '../../contracts/stages/presets';
import { STAGE } from '../../contracts/stages/stages';
import { UsageError } from '../usage-error';
import { findPhotos, isAddress } from '../server/photo-upload';
import { answered, type SpaceportApi } from '../server/spaceport-api';
import { columns } from '../text/columns';

type Estimate = components['schemas']['Estimate'];

/** @param source a number of photos, a folder, or an `s3://` address */
export async function estimate(source: string, preset: PresetName, { routes }: SpaceportApi): Promise<Estimate> {
  const input = isAddress(source) ? { s3Url: source } : { photos: await photosOf(source) };
  return answered(routes.POST('/v1/estimates', { body: { ...input, preset } }));
}

async function photosOf(source: string): Promise<number> {
  if (/^\d+$/.test(source)) return Number(source);
  const { kind, files } = await findPhotos(path.resolve(source));
  if (kind === 'archive')
    throw new UsageError('how many photos an archive has is not known before it is sent: name the number of photos');
  const photos = files.filter(
    ({ name }) => uploadMediaType(name) !== null && !isPositionFile(name) && !isArchive({ key: name }),
  );
  if (photos.length === 0) throw new UsageError(`there are no photos (.jpg, .jpeg, .png) in ${source}`);
  return photos.length;
}

const range = ({ low, high }: { low: number; high: number }, format: (value: number) => string): string =>
  format(low) === format(high) ? format(low) : `${format(low)} to ${format(high)}`;

/** Time and cost, in a line. */
export const inShort = ({ seconds, usd }: Pick<Estimate, 'seconds' | 'usd'>): string =>
  `${range(seconds, formatSeconds)}, ${range(usd, formatUsd)} at AWS's prices`;

/** What `estimate` prints. */
export function estimateInWords({ photos, preset, seconds, usd, stages, basis }: Estimate): string {
  const total = columns([
    ['Photos', range(photos, formatCount)],
    ['Preset', preset],
    ['Time', range(seconds, formatSeconds)],
    ['Cost', range(usd, formatUsd)],
    [
      'From',
      basis === 'ledger' ? 'what this deployment has done before' : 'a model: this deployment has done too little yet',
    ],
  ]);
  const rows = stages.map((each) => [
    STAGE[each.stage].title,
    each.instanceType,
    range(each.seconds, formatSeconds),
    range(each.usd, formatUsd),
  ]);
  return `${total}\n\n${columns([['STAGE', 'MACHINE', 'TIME', 'COST'], ...rows])}`;
}
