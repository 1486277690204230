import type { RequestHandler } from 'express';
import { namesOfThisMachine, type IsTrustedOrigin } from '../http/security';
import { CODEC_PATH } from './routes';

/** The pages of Temporal's Web UI, and of no other site, may have payloads decoded; of none where there is no Web UI. */
export function webUiOrigin(temporalUiUrl: string | null): IsTrustedOrigin {
  const origins = temporalUiUrl === null ? [] : namesOfThisMachine(new URL(temporalUiUrl).origin);
  return (origin, path) => path.startsWith(CODEC_PATH) && origins.includes(origin);
}

/** Tells browsers that these pages may ask, with the session of a person who has signed in (Fetch, section 3.2.3). */
export const answerTrustedOrigins =
  (isTrusted: IsTrustedOrigin): RequestHandler =>
  (request, response, next) => {
    const { origin = '', 'access-control-request-headers': headers } = request.headers;
    if (!isTrusted(origin, request.path)) {
      next();
      return;
    }
    response.vary('Origin');
    response.set({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true' });
    if (request.method !== 'OPTIONS') {
      next();
      return;
    }
    response.set('Access-Control-Allow-Methods', 'POST');
    if (headers !== undefined) response.set('Access-Control-Allow-Headers', headers);
    response.status(204).end();
  };
