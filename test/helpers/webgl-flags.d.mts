/** Flags with which Chromium draws WebGL 2 without a GPU, in software. */
export const WEBGL_FLAGS: string[];
