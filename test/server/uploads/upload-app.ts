import express, { type Express } from 'express';
import pino from 'pino';
import { requestContext } from '../../../server/http/context';
import { errorHandler, notFound } from '../../../server/http/problem';
import { routerOf } from '../../../server/http/route';
import { uploadRoutes } from '../../../server/uploads/routes';
import { createUploads, type UploadStorage } from '../../../server/uploads/uploads';
import type { UserOf } from '../../../server/uploads/removal';

export const BUCKET_NAME = 'spaceport';

/** The routes of uploads alone; the header `x-tenant` says whose a request is. */
export function uploadApp(
  storage: UploadStorage,
  {
    userOf = async () => null,
    now = Date.now,
    bucket = BUCKET_NAME,
  }: { userOf?: UserOf; now?: () => number; bucket?: string } = {},
): Express {
  const app = express();
  app.use(requestContext);
  app.use((request, response, next) => {
    const tenant = request.get('x-tenant') ?? 'local';
    Object.assign(response.locals, { caller: { tenant, scopes: ['read', 'write'], keyId: null } });
    next();
  });
  app.use(
    routerOf(uploadRoutes(createUploads({ storage, userOf, bucket, now })), async (_request, make) => ({
      answer: await make(),
      isRepeat: false,
    })),
  );
  app.use(notFound);
  app.use(errorHandler(pino({ level: 'silent' })));
  return app;
}
