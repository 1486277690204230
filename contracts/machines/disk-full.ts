/** How it is said that a disk is full: by the C library, by SQLite, by SageMaker, and by the endpoints of local/. */
const SENTENCES = [
  /no space left on device/i,
  /disk quota exceeded/i,
  /database or disk is full/i,
  /insufficient disk space/i,
  /\bdisk of this machine is full\b/i,
];

/** Whether a text of others, who have no code for it, says that a disk is full. */
export const saysDiskFull = (text: string): boolean => SENTENCES.some((sentence) => sentence.test(text));

/** The errors of a file system that takes no more bytes: the device's end, or that of its user's quota. */
const CODES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT']);
const INSUFFICIENT_STORAGE = 507; // RFC 4918, section 11.5: what local/s3 answers

/** Whether an error, or what caused it, is that a disk is full: of this process, or of a service on this machine. */
export function isDiskFull(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  // Not by instanceof: the file system's errors are of another Error than the one of a test's context.
  const { code, message, cause, $metadata } = error as {
    code?: unknown;
    message?: unknown;
    cause?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  return CODES.has(code) || status === INSUFFICIENT_STORAGE || saysDiskFull(String(message)) || isDiskFull(cause);
}
