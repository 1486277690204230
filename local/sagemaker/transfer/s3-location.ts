import type { S3Location } from '../../../contracts/storage/location';

/** Parses `s3://bucket/key`, the key possibly empty; undefined for anything else. */
export function parseS3Uri(uri: string): S3Location | undefined {
  const [, bucket, key = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(uri) ?? [];
  return bucket ? { bucket, key } : undefined;
}

/** The location below a folder-like prefix, with one slash between. */
export function below({ bucket, key }: S3Location, name: string): S3Location {
  return { bucket, key: key === '' || key.endsWith('/') ? `${key}${name}` : `${key}/${name}` };
}

/**
 * Where an object found under `prefix` lands below its local folder. An S3Prefix is a prefix of the key's name, not a
 * folder: `scan` also finds `scan2/x`, which keeps its own first segment so that it cannot cover `scan/x`.
 */
export function relativeKey(prefix: string, key: string): string {
  if (prefix === '' || prefix.endsWith('/')) return key.slice(prefix.length);
  if (key.startsWith(`${prefix}/`)) return key.slice(prefix.length + 1);
  return key.slice(prefix.lastIndexOf('/') + 1);
}

/** Whether a relative key names a file strictly below the folder it is joined to. */
export function staysBelow(relative: string): boolean {
  return (
    relative !== '' &&
    !relative.includes('\0') &&
    relative.split('/').every((segment) => !['', '.', '..'].includes(segment))
  );
}
