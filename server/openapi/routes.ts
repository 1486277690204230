import { z } from 'zod';
import { route, type Route } from '../http/route';
import { openApiDocument, type OpenApiDocument } from './document';
import { apiPage } from './page';

/** Of the API that this version answers with. */
export const API_VERSION = '1.0.0';

/** The description of all routes, these two included, as JSON and as a page. */
export function descriptionRoutes(routes: readonly Route[], serverUrl: string): Route[] {
  let made: OpenApiDocument | null = null;
  const document = (): OpenApiDocument => (made ??= openApiDocument([...routes, ...own], API_VERSION, serverUrl));
  const own: Route[] = [
    route(
      {
        method: 'get',
        path: '/v1/openapi.json',
        operation: 'getOpenApi',
        tag: 'Description',
        summary: 'This description',
        scope: null,
        answers: {
          200: { description: 'OpenAPI 3.1', schema: z.custom<object>().meta({ jsonSchema: { type: 'object' } }) },
        },
      },
      async () => ({ status: 200, body: document() }),
    ),
    route(
      {
        method: 'get',
        path: '/docs',
        operation: 'getDocs',
        tag: 'Description',
        summary: 'This description as a page',
        scope: null,
        answers: { 200: { description: 'A page', schema: z.string(), mediaType: 'text/html' } },
      },
      async () => ({ status: 200, body: apiPage(document()).toString() }),
    ),
  ];
  return own;
}
