import type { Checksum } from './checksums';

/** A part of an object, as it was uploaded. */
export interface ObjectPart {
  /** 1 to 10 000; numbers may be missing in between. */
  number: number;
  /** Bytes. */
  size: number;
  checksum?: Checksum | undefined;
}

/**
 * The parts of an object that was uploaded in parts, in their order, else undefined. Objects that older versions wrote
 * do not tell numbers: theirs are 1, 2, 3.
 */
export function partsOf({
  parts,
  etag,
  segments,
}: {
  parts?: readonly ObjectPart[] | undefined;
  etag: string;
  segments: readonly { size: number }[];
}): readonly ObjectPart[] | undefined {
  if (parts || !etag.includes('-')) return parts;
  return segments.map(({ size }, index) => ({ number: index + 1, size }));
}
