/** Flags with which Chromium draws WebGL 2 without a GPU, in software. */
export const WEBGL_FLAGS = [
  '--no-sandbox',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
];
