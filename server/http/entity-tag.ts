/**
 * Whether a list of entity tags, as `If-Match` and `If-None-Match` hold it, names a version (RFC 9110 section 8.8.3).
 * Weak and strong tags of one version count alike.
 * @param etag with quotes
 */
export const matches = (tags: string, etag: string): boolean =>
  tags
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
    .some((tag) => tag === '*' || tag === etag);
