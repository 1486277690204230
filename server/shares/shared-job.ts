import { mayShow } from '../../contracts/access/revealed';
import type { SharedJob } from '../../contracts/access/share-schema';
import { totalCostUsd, type JobRecord } from '../../contracts/job/record';
import { iso } from '../../contracts/job/view';
import { jobName } from '../../contracts/job/words';
import { s3Uri } from '../../contracts/storage/location';
import { isResultFile, nameInScene, STREAMED_INDEX } from '../../contracts/storage/layout';
import type { Share } from '../storage/shares';

/**
 * A job as the holder of a link sees it: made up of what may be seen, so that what a job has besides stays hidden.
 * @param base of the holder's addresses, `…/v1/shared/TOKEN`
 */
export function sharedJob(record: JobRecord, { scopes, shows, expiresAtMs }: Share, base: string): SharedJob {
  const { request, photos, result } = record;
  const namesAreShown = shows.includes('fileNames');
  const files = (result?.files ?? []).filter(({ name }) => isResultFile(name) && mayShow(name, shows));
  return {
    name: namesAreShown ? jobName(request) : request.name,
    state: record.state,
    scopes,
    shows,
    expiresAt: expiresAtMs === null ? null : iso(expiresAtMs),
    createdAt: iso(record.createdAtMs),
    endedAt: record.endedAtMs === null ? null : iso(record.endedAtMs),
    photos: photos?.accepted ?? null,
    scene: files.flatMap(({ name: file, bytes }) => {
      const name = nameInScene(file);
      return name === null ? [] : [{ name, bytes, url: `${base}/scene/${name}` }];
    }),
    downloads: scopes.includes('download')
      ? files
          .filter(({ name }) => name !== STREAMED_INDEX) // worth nothing without what it names
          .map(({ name, bytes }) => ({ name, bytes, url: `${base}/artifacts/${name}` }))
      : [],
    email: shows.includes('email') ? request.email : null,
    costUsd: shows.includes('cost') ? totalCostUsd(record) : null,
    input: namesAreShown ? s3Uri(request.location) : null,
  };
}
