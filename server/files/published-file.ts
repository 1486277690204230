import { isFolderFile, isResultFile, type PublishedFile } from '../../contracts/storage/layout';
import { Problem } from '../http/problem';

/** Throws ARTIFACT_NOT_FOUND for names that no job publishes. */
export function publishedFile(name: string): PublishedFile {
  if (isResultFile(name) || isFolderFile(name)) return name;
  throw new Problem('ARTIFACT_NOT_FOUND', 'no job publishes a file of that name; GET /v1/jobs/<id> lists them');
}
