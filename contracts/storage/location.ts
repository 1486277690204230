/** A place in S3. A key that ends in `/` (or is empty) is a folder, any other names one object. */
export interface S3Location {
  readonly bucket: string;
  readonly key: string;
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const VIRTUAL_HOST = /^(?<bucket>[a-z0-9][a-z0-9.-]*[a-z0-9])\.s3(?:[.-](?<region>[a-z0-9-]+))?\.amazonaws\.com$/;
const PATH_HOST = /^s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com$/;
const ARCHIVE = /\.(zip|tar|tar\.gz|tgz)$/i;
const CONTROL = /[\u0000-\u001f\u007f]/;

export const isArchive = (location: S3Location): boolean => ARCHIVE.test(location.key);

export const s3Uri = (location: S3Location): string => `s3://${location.bucket}/${location.key}`;

/**
 * The place that an address names: `s3://bucket/prefix/`, `s3://bucket/photos.zip`, or one of S3's https forms
 * (virtual-hosted, path-style, regional). A key without an archive's ending is a folder.
 * Returns null for anything else, also for keys over 1024 bytes, with `..` segments or control characters.
 */
export function parseS3Url(text: string): S3Location | null {
  if (CONTROL.test(text) || text.length > 2048) return null;
  const found = text.startsWith('s3://') ? fromS3Scheme(text) : fromHttps(text);
  if (found === null || !BUCKET.test(found.bucket) || found.bucket.includes('..')) return null;
  if (CONTROL.test(found.key) || new TextEncoder().encode(found.key).length > 1024) return null;
  if (found.key.split('/').includes('..')) return null;
  return isArchive(found) || found.key === '' || found.key.endsWith('/') ? found : { ...found, key: `${found.key}/` };
}

/** `s3://bucket/key`: the key is taken as it stands, not percent-decoded. */
function fromS3Scheme(text: string): S3Location | null {
  const [, bucket, key] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(text) ?? [];
  return bucket === undefined ? null : { bucket, key: key ?? '' };
}

function fromHttps(text: string): S3Location | null {
  let url: URL;
  let path: string;
  try {
    url = new URL(text);
    path = decodeURIComponent(url.pathname.slice(1));
  } catch {
    return null;
  }
  if (url.protocol !== 'https:' || url.username !== '' || url.port !== '' || url.search !== '' || url.hash !== '')
    return null;
  if (PATH_HOST.test(url.hostname)) {
    const slash = path.indexOf('/');
    return slash < 0 ? { bucket: path, key: '' } : { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
  }
  const bucket = VIRTUAL_HOST.exec(url.hostname)?.groups?.bucket;
  return bucket === undefined ? null : { bucket, key: path };
}
