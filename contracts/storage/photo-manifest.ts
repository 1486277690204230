/** `jobs/<id>/photos/manifest.json`: every file that intake saw, and why it is used or not. */
export interface PhotoManifest {
  readonly version: 1;
  readonly source: string;
  readonly photos: readonly ManifestPhoto[];
  /** Files of positions that SfM gets with the photos, by their paths; missing in manifests of before. */
  readonly positionFiles?: readonly string[];
}

export interface ManifestPhoto {
  /** Path below the photos' folder. */
  readonly name: string;
  readonly bytes: number;
  readonly used: boolean;
  /** Why it is not used; null when it is. */
  readonly reason: string | null;
  readonly width: number | null;
  readonly height: number | null;
  /** Degrees WGS84 and metres; altitude null where the camera did not say. */
  readonly gps: { readonly latitude: number; readonly longitude: number; readonly altitude: number | null } | null;
  readonly camera: string | null;
  readonly takenAt: string | null;
}

/** Rejected photos that a record lists by name; the manifest has them all. */
export const MAX_LISTED_REJECTIONS = 100;
