import { mayShow } from '../../contracts/access/revealed';
import type { SharedJob } from '../../contracts/access/share-schema';
import { totalCostUsd, type JobRecord } from '../../contracts/job/record';
import { iso } from '../../contracts/job/view';
import { jobName } from '../../contracts/job/words';
import { s3Uri } from '../../contracts/storage/location';
import { isResultFile, VIEWED_FILES } from '../../contracts/storage/layout';
import type { Share } from '../storage/shares';

/**
 * A job as the holder of a link sees it: made up of what may be seen, so that what a job has besides stays hidden.
 * @param base of the holder's addresses, `…/v1/shared/TOKEN`
 */
export function sharedJob(record: JobRecord, { scopes, shows, expiresAtMs }: Share, base: string): SharedJob {
  const { request, photos, result } = record;
  const namesAreShown = shows.includes('fileNames');
  const files = (result?.files ?? []).filter(({ name }) => isResultFile(name) && mayShow(name, shows));
  const isViewed = (name: string): boolean => VIEWED_FILES.some((file) => file === name);
  return {
    name: namesAreShown ? jobName(request) : request.name,
    state: record.state,
    scopes,
    shows,
    expiresAt: expiresAtMs === null ? null : iso(expiresAtMs),
    createdAt: iso(record.createdAtMs),
    endedAt: record.endedAtMs === null ? null : iso(record.endedAtMs),
    photos: photos?.accepted ?? null,
    scene: files
      .filter(({ name }) => isViewed(name))
      .map(({ name, bytes }) => ({ name, bytes, url: `${base}/scene/${name}` })),
    settingsUrl: result === null ? null : `${base}/viewer-settings.json`,
    downloads: scopes.includes('download')
      ? files.map(({ name, bytes }) => ({ name, bytes, url: `${base}/artifacts/${name}` }))
      : [],
    email: shows.includes('email') ? request.email : null,
    costUsd: shows.includes('cost') ? totalCostUsd(record) : null,
    input: namesAreShown ? s3Uri(request.location) : null,
  };
}
