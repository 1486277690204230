import { partBytes } from '../../../contracts/storage/upload-rules';

/** A larger file goes in parts, so that a broken connection costs one of them. */
export const WHOLE_FILE_BYTES = partBytes(1);
/** Parts that S3 lists in one answer, which is all that Uppy asks for when it resumes. */
const LISTED_PARTS = 1000;

/** How a file of so many bytes is cut: at most as many parts as are listed at once, of 8 MiB at least. */
export const partSize = (bytes: number): number =>
  Math.max(partBytes(bytes), Math.ceil(bytes / LISTED_PARTS / 2 ** 20) * 2 ** 20);
