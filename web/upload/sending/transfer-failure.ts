/** A file can no longer be read, or the storage does not take it. */
export class TransferFailure extends Error {
  override readonly name = 'TransferFailure';
  constructor(
    readonly why: 'file is gone' | 'storage refuses',
    /** Its name in the manifest. */
    readonly file: string,
  ) {
    super(`${file}: ${why}`);
  }
}
