/** What a picture's own structure tells, before anything is decoded. */
export interface PictureOutline {
  readonly type: 'jpg' | 'png';
  readonly width: number;
  readonly height: number;
  /** EXIF as a TIFF structure, from its byte order mark on. */
  readonly exif: Buffer | null;
  readonly xmp: string | null;
  /** A radiometric block of FLIR's is in it: a thermal picture. */
  readonly flir: boolean;
}
