import { isArchive, type S3Location } from './location';

const MAX_URL_LENGTH = 2048;
/** S3 User Guide, "Naming Amazon S3 objects". */
const MAX_KEY_BYTES = 1024;
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const ARN = /^arn:aws(?:-[a-z]+)*:s3:::(?<bucket>[^/]+)(?:\/(?<key>.*))?$/s;
const S3_SCHEME = /^s3:\/\/(?<bucket>[^/]+)(?:\/(?<key>.*))?$/is;
/**
 * S3's host names: global, regional (also with the dash of old addresses), dual-stack, FIPS and accelerated, with the
 * bucket in front or not (S3 User Guide, "Methods for accessing a bucket" and "Dual-stack endpoints").
 */
const S3_HOST =
  /^(?:(?<bucket>.+)\.)?s3(?:-accelerate|-fips|-external-1)?(?:\.dualstack)?(?:[.-][a-z]{2,4}(?:-[a-z]+)+-\d+)?\.amazonaws\.com(?:\.cn)?$/;
/** The console in a browser: with a region, and with an account where several are open, in front. */
const CONSOLE_HOST = /(?:^|\.)console\.(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)$/;
const SIGNATURE = /[?&](?:x-amz-signature|signature)=/i;

const WHAT_IS_READ = 's3://bucket/folder/ or s3://bucket/photos.zip, or the https address of S3 for it';

/**
 * The place that an address names: `s3://bucket/prefix/`, `s3://bucket/photos.zip`, an ARN, one of S3's https forms,
 * or the address that S3's console shows. Blanks around it do not count. A key without an archive's ending is a folder.
 * A string says what is wrong with anything else, also with keys over 1024 bytes, with `..` segments or control
 * characters; it never repeats the address, which may carry a signature.
 */
export function parseS3Url(given: string): S3Location | string {
  const text = given.trim();
  if (CONTROL.test(text)) return 'must not hold control characters';
  if (text.length > MAX_URL_LENGTH) return `must be at most ${MAX_URL_LENGTH} characters long`;
  const found = fromScheme(text) ?? fromHttps(text);
  if (typeof found === 'string') return found;
  const { bucket, key } = found;
  if (!BUCKET.test(bucket) || bucket.includes('..'))
    return `must name a bucket (lower case letters, digits, dots and hyphens): ${WHAT_IS_READ}`;
  if (CONTROL.test(key)) return 'must not hold control characters';
  if (new TextEncoder().encode(key).length > MAX_KEY_BYTES)
    return `must name a folder or an archive in at most ${MAX_KEY_BYTES} bytes`;
  if (key.split('/').includes('..')) return 'must not hold ".." as a folder';
  return isArchive(found) || key === '' || key.endsWith('/') ? found : { bucket, key: `${key}/` };
}

/** `s3://bucket/key` or `arn:aws:s3:::bucket/key`: the key is taken as it stands, not percent-decoded. */
function fromScheme(text: string): S3Location | null {
  const { bucket, key } = (S3_SCHEME.exec(text) ?? ARN.exec(text))?.groups ?? {};
  return bucket === undefined ? null : { bucket, key: key ?? '' };
}

function fromHttps(text: string): S3Location | string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return `must be ${WHAT_IS_READ}`;
  }
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.port !== '')
    return `must be ${WHAT_IS_READ}`;
  if (CONSOLE_HOST.test(url.hostname)) return fromConsole(url);
  const host = S3_HOST.exec(url.hostname);
  if (host === null) return `must be ${WHAT_IS_READ}`;
  if (SIGNATURE.test(url.search))
    return 'must not be a signed link: give the address without "?" and what follows; the photos are read with the rights of this deployment';
  if (url.search !== '' || url.hash !== '') return 'must end before "?" or "#"; in a name write # as %23 and ? as %3F';
  const path = decoded(url.pathname.slice(1));
  if (path === null) return 'must be percent-encoded correctly (a % in a name is %25)';
  const bucket = host.groups?.bucket;
  return bucket === undefined ? bucketFirst(path) : { bucket, key: path };
}

/** `.../s3/buckets/BUCKET?prefix=FOLDER/`, `.../s3/object/BUCKET?prefix=KEY`, and older ones with the key in the path. */
function fromConsole(url: URL): S3Location | string {
  const [, path] = /^\/s3\/(?:buckets|object)\/(.+)$/.exec(url.pathname) ?? [];
  const place = path === undefined ? null : decoded(path);
  if (place === null) return `must be the address of a folder or an object in S3's console, or ${WHAT_IS_READ}`;
  const found = bucketFirst(place);
  return { ...found, key: url.searchParams.get('prefix') ?? found.key };
}

function bucketFirst(path: string): S3Location {
  const slash = path.indexOf('/');
  return slash < 0 ? { bucket: path, key: '' } : { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}

/** As S3 and its console read a path: `+` is a space, `%2B` a plus. Null where the percent-encoding is broken. */
function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path.replaceAll('+', ' '));
  } catch {
    return null;
  }
}
