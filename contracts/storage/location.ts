/** A place in S3. A key that ends in `/` (or is empty) is a folder, any other names one object. */
export interface S3Location {
  readonly bucket: string;
  readonly key: string;
}

/** The files that intake opens; what they really are is decided by their first bytes. */
export const ARCHIVE_ENDING = /\.(zip|tar|tar\.gz|tgz)$/i;

export const isArchive = (location: Pick<S3Location, 'key'>): boolean => ARCHIVE_ENDING.test(location.key);

export const s3Uri = (location: S3Location): string => `s3://${location.bucket}/${location.key}`;
