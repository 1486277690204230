import type { Request, RequestHandler, Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { z } from 'zod';
import { SHARED_JOB } from '../../contracts/access/share-schema';
import { ANNOTATION, ANNOTATION_DRAFT, ANNOTATION_LIST } from '../../contracts/scene/annotation-schema';
import type { PublishedFile } from '../../contracts/storage/layout';
import type { Refuse } from '../access/authenticate';
import { hashOf } from '../access/secrets';
import { ANNOTATION_EXAMPLE, ANNOTATION_PARAM, ETAG, IF_MATCH } from '../annotations/routes';
import { sendFileHead } from '../files/file-head';
import { FILE_HEADS, fileOfScene, SCENE_FILE, TO_SIGNED_LINK } from '../files/routes';
import { tooMany } from '../access/too-many';
import type { ProblemCode } from '../http/problem';
import { NO_BODY } from '../http/request-schemas';
import { route, SENT, type Route } from '../http/route';
import { publishedFile } from '../files/published-file';
import { ownerOfKeys } from '../storage/shares';
import type { Holder, ShareHolders } from './holders';

interface HolderRouteDeps {
  readonly holders: ShareHolders;
  readonly refuse: Refuse;
  /** Requests with links that one address may make in a minute. */
  readonly requestsPerMinute: number;
}

const TOKEN = z.object({ token: z.string() });
const JSON_OBJECT = z.custom<object>().meta({ jsonSchema: { type: 'object' } });
const EVERYWHERE = ['SHARE_NOT_FOUND', 'RATE_LIMITED'] as const satisfies readonly ProblemCode[];
const OF_FILES = [...EVERYWHERE, 'FORBIDDEN', 'ARTIFACT_NOT_FOUND'] as const satisfies readonly ProblemCode[];
const OF_CHANGES = [
  ...EVERYWHERE,
  'FORBIDDEN',
  'ANNOTATION_NOT_FOUND',
  'PRECONDITION_FAILED',
] as const satisfies readonly ProblemCode[];

/** What the holder of a link reads and adds, without a key: the link's token stands in the path. */
export function holderRoutes({ holders, refuse, requestsPerMinute }: HolderRouteDeps): Route[] {
  const limited = rateLimit({
    windowMs: 60_000,
    limit: requestsPerMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: tooMany(`one address may make ${requestsPerMinute} requests a minute; try again later`),
  });
  const at = <P extends string>(path: P) =>
    ({ path: `/v1/shared/{token}${path}`, tag: 'Shared links', scope: null, before: [limited, unlisted] }) as const;
  /** Throws SHARE_NOT_FOUND, after the attempt was counted. */
  const held = async (token: string, request: Request, response: Response): Promise<Holder> =>
    (await holders.find(token)) ?? refuse(request, response);

  return [
    route(
      {
        ...at(''),
        method: 'get',
        operation: 'getShared',
        summary: 'The job of a link',
        params: TOKEN,
        answers: { 200: { description: 'As much of it as the link shows', schema: SHARED_JOB } },
        problems: EVERYWHERE,
      },
      async ({ params, request, response }) => ({
        status: 200,
        body: await holders.job(await held(params.token, request, response)),
      }),
    ),
    ...(
      [
        ['scene', 'SceneFile', 'a file of the scene, as a viewer reads it', fileOfScene],
        ['artifacts', 'Artifact', 'a published file, where the link allows `download`', publishedFile],
      ] as const
    ).flatMap(([folder, name, what, fileOf]) =>
      fileRoutes({ holders, held, at: at(`/${folder}/{file*}`), name, what, fileOf, inline: folder === 'scene' }),
    ),
    route(
      {
        ...at('/annotations'),
        method: 'get',
        operation: 'listSharedAnnotations',
        summary: 'The notes and measurements of the scene',
        params: TOKEN,
        answers: { 200: { description: 'All of them', schema: ANNOTATION_LIST } },
        problems: EVERYWHERE,
      },
      async ({ params, request, response }) => {
        const annotations = await holders.annotations(await held(params.token, request, response));
        return { status: 200, body: { annotations } };
      },
    ),
    route(
      {
        ...at('/annotations'),
        method: 'post',
        operation: 'createSharedAnnotation',
        summary: 'Put a note or a measurement into the scene, where the link allows `measure`',
        params: TOKEN,
        body: ANNOTATION_DRAFT,
        example: ANNOTATION_EXAMPLE,
        idempotent: { secrets: [], owner: ({ params }) => ownerOfKeys({ tokenHash: hashOf(String(params.token)) }) },
        answers: { 201: { description: 'The annotation', schema: ANNOTATION, headers: ETAG } },
        problems: [...EVERYWHERE, 'FORBIDDEN', 'TOO_MANY_ANNOTATIONS'],
      },
      async ({ params, body, request, response }) => {
        const made = await holders.annotate(await held(params.token, request, response), body);
        return { status: 201, body: made, headers: { ETag: made.etag } };
      },
    ),
    route(
      {
        ...at('/annotations/{annotationId}'),
        method: 'put',
        operation: 'replaceSharedAnnotation',
        summary: 'Put another in the place of an annotation that came through the same link',
        params: TOKEN.extend(ANNOTATION_PARAM),
        headers: IF_MATCH,
        body: ANNOTATION_DRAFT,
        example: ANNOTATION_EXAMPLE,
        answers: { 200: { description: 'The annotation', schema: ANNOTATION, headers: ETAG } },
        problems: OF_CHANGES,
      },
      async ({ params: { token, annotationId }, body, headers, request, response }) => {
        const holder = await held(token, request, response);
        const replaced = await holders.replace(holder, annotationId, body, headers['if-match']);
        return { status: 200, body: replaced, headers: { ETag: replaced.etag } };
      },
    ),
    route(
      {
        ...at('/annotations/{annotationId}'),
        method: 'delete',
        operation: 'deleteSharedAnnotation',
        summary: 'Delete an annotation that came through the same link',
        params: TOKEN.extend(ANNOTATION_PARAM),
        headers: IF_MATCH,
        body: NO_BODY,
        answers: { 204: { description: 'Deleted' } },
        problems: OF_CHANGES,
      },
      async ({ params: { token, annotationId }, headers, request, response }) => {
        await holders.remove(await held(token, request, response), annotationId, headers['if-match']);
        return { status: 204 };
      },
    ),
  ];
}

interface FileRoutesDeps {
  readonly holders: ShareHolders;
  readonly held: (token: string, request: Request, response: Response) => Promise<Holder>;
  readonly at: {
    readonly path: string;
    readonly tag: string;
    readonly scope: null;
    readonly before: readonly RequestHandler[];
  };
  readonly name: string;
  readonly what: string;
  readonly fileOf: (name: string) => PublishedFile;
  readonly inline: boolean;
}

/** GET and HEAD of files: by signed links, but for what may be seen in part only. */
function fileRoutes({ holders, held, at, name, what, fileOf, inline }: FileRoutesDeps): Route[] {
  const shared = { ...at, params: TOKEN.extend(SCENE_FILE), problems: OF_FILES };
  return [
    route(
      {
        ...shared,
        method: 'get',
        operation: `getShared${name}`,
        summary: `Of a link: ${what}`,
        answers: {
          302: TO_SIGNED_LINK[302],
          200: { description: 'scene.json without its place on Earth, where that is not shown', schema: JSON_OBJECT },
        },
      },
      async ({ params: { token, file }, request, response }) => {
        const found = await holders.file(await held(token, request, response), fileOf(file), inline);
        return 'link' in found ? { status: 302, headers: { Location: found.link } } : { status: 200, body: found.json };
      },
    ),
    route(
      {
        ...shared,
        method: 'head',
        operation: `headShared${name}`,
        summary: `Of a link: size, type and version of ${what}`,
        answers: FILE_HEADS,
      },
      async ({ params: { token, file }, request, response }) => {
        const head = await holders.fileHead(await held(token, request, response), fileOf(file), inline);
        if ('json' in head) response.type('application/json').send(JSON.stringify(head.json));
        else sendFileHead(request, response, head);
        return SENT;
      },
    ),
  ];
}

/** A link that somebody has put on a page is no page to be found by searching. */
const unlisted: RequestHandler = (_request, response, next) => {
  response.set('X-Robots-Tag', 'noindex');
  next();
};
