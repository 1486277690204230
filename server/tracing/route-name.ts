import type { Request } from 'express';

/**
 * The address of the route that has answered a request, such as `/v1/jobs/:jobId`; null where none has: of files of the
 * application, and of addresses that nobody serves.
 */
export function routeOf(request: Request): string | null {
  const { path } = (request.route ?? {}) as { readonly path?: unknown };
  return typeof path === 'string' ? path : null;
}
