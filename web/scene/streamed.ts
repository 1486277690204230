/** Files of a streamed scene name each other, so whoever draws loads them by itself. */
export const isStreamed = (url: string): boolean => new URL(url, 'http://x').pathname.endsWith('lod-meta.json');
