/** Programs of ours that have an identity of their own. */
export type Program = 'server' | 'worker';
export const PROGRAMS: readonly Program[] = ['server', 'worker'];
