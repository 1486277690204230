import exifr from 'exifr';
import { cameraMetadata, type CameraMetadata } from '../../../contracts/photos/camera-metadata';
import type { PictureOutline } from './picture-outline';

export type PhotoMetadata = Omit<CameraMetadata, 'flaw'>;

/** Reads EXIF, and from XMP what drones write there. Damaged metadata counts as missing: it never fails a photo. */
export async function readMetadata({ exif, xmp, flir }: PictureOutline): Promise<PhotoMetadata> {
  const { flaw: _flaw, ...metadata } = cameraMetadata(exif === null ? {} : await exifTags(exif), xmp ?? '');
  return { ...metadata, thermal: flir || metadata.thermal };
}

async function exifTags(tiff: Buffer): Promise<Record<string, unknown>> {
  try {
    const options = { gps: true, tiff: true, exif: true, reviveValues: false };
    return ((await exifr.parse(tiff, options)) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}
