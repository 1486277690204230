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
