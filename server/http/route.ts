import { Router, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import { callerOf } from '../access/caller';
import { withoutSecrets } from '../access/secrets';
import type { AnswerOnce, JsonAnswer, KeyedRequest } from '../idempotency/answer-once';
import { KEY_HEADERS } from '../idempotency/header';
import type { Caller, Scope } from './context';
import { jsonBody } from './json-body';
import { methodNotAllowed, Problem, type ProblemCode } from './problem';
import { invalidRequest, readHeaders, readRequest } from './request-schemas';

export type Method = 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete';

/** One answer that is no problem. Without a schema it has no body, or one that `mediaType` alone describes. */
export interface Answer {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** `application/json` unless given. */
  readonly mediaType?: string;
  /** In which the same answer comes where a caller asks for it. */
  readonly otherMediaTypes?: readonly string[];
  /** Header -> what it says. */
  readonly headers?: Readonly<Record<string, string>>;
}

type Answers = Readonly<Record<number, Answer>>;

/** What a handler gives back: a status of the route's table with the body of that status. */
type Answered<A extends Answers> = {
  [S in keyof A & number]: {
    readonly status: S;
    readonly headers?: Readonly<Record<string, string>>;
  } & (A[S] extends { readonly schema: infer T extends z.ZodType } ? { readonly body: z.input<T> } : unknown);
}[keyof A & number];

type Schema = z.ZodType | undefined;
type Read<T extends Schema> = T extends z.ZodType ? z.output<T> : undefined;

/** One address and method: everything that Express, the OpenAPI document and a reader need to know of it. */
export interface RouteDefinition<
  Params extends Schema = Schema,
  Query extends Schema = Schema,
  Headers extends Schema = Schema,
  Body extends Schema = Schema,
  A extends Answers = Answers,
> {
  readonly method: Method;
  /** As OpenAPI writes it, `/v1/jobs/{jobId}`; `{file*}` takes the rest of the address, slashes included. */
  readonly path: string;
  /** The name under which clients call it, in camelCase. */
  readonly operation: string;
  /** The group that it is listed in. */
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** What a caller's key must allow; null where no key is needed. */
  readonly scope: Scope | null;
  readonly params?: Params;
  readonly query?: Query;
  /** Headers that it reads, in lower case. */
  readonly headers?: Headers;
  readonly body?: Body;
  /** A body that shows what is meant. */
  readonly example?: unknown;
  /** Longest body; 64 KB unless given. */
  readonly maxBodyBytes?: number;
  readonly answers: A;
  /** Beyond those that every route of its kind has (`problemsOf` in server/openapi/document.ts). */
  readonly problems?: readonly ProblemCode[];
  /**
   * A creation that takes an Idempotency-Key: header, problems and answers to repeats follow from this alone. `secrets`
   * names the fields of the answer that are shown once, and null in answers to repeats. Keys are the tenant's own, or
   * those of an `owner` where callers have no tenant.
   */
  readonly idempotent?: { readonly secrets: readonly string[]; readonly owner?: (request: Request) => string };
  /** The answer has no end, so that tools which wait for one leave it out. */
  readonly isStream?: boolean;
  /** Goes before the body is read, such as a limit of its own. */
  readonly before?: readonly RequestHandler[];
}

/** What a handler gets: everything validated. */
interface RouteCall<P, Q, H, B> {
  readonly caller: Caller;
  readonly params: P;
  readonly query: Q;
  readonly headers: H;
  readonly body: B;
  readonly request: Request;
  readonly response: Response;
}

/** A definition with its handler, ready to be mounted. */
export interface Route extends RouteDefinition {
  readonly handle: (request: Request, response: Response, answerOnce: AnswerOnce) => Promise<void>;
}

/** The handler has written the answer itself. */
export const SENT = 'sent' as const;

/**
 * Ties a definition to its handler. What is wrong with params, query, headers or body is thrown as INVALID_REQUEST
 * with a line for each field, before the handler is called.
 */
export function route<
  P extends Schema = undefined,
  Q extends Schema = undefined,
  H extends Schema = undefined,
  B extends Schema = undefined,
  const A extends Answers = Answers,
>(
  given: RouteDefinition<P, Q, H, B, A>,
  handler: (call: RouteCall<Read<P>, Read<Q>, Read<H>, Read<B>>) => Promise<Answered<NoInfer<A>> | typeof SENT>,
): Route {
  const definition = withIdempotency(given);
  const { params, query, headers, body, answers, idempotent } = definition;
  const read = (schema: Schema, value: unknown): unknown =>
    schema === undefined ? undefined : readRequest(schema, value);
  return {
    ...definition,
    async handle(request, response, answerOnce) {
      const call = {
        // Asked for only where the handler looks at it: routes without a scope are open to nobody in particular.
        get caller() {
          return callerOf(response);
        },
        params: read(params, paramsOf(request)),
        query: read(query, request.query),
        headers: headers === undefined ? undefined : readHeaders(headers, request.headers),
        body: read(body, bodyOrNone(request)),
        request,
        response,
      } as RouteCall<Read<P>, Read<Q>, Read<H>, Read<B>>;
      const key = request.headers['idempotency-key'];
      if (idempotent === undefined || typeof key !== 'string') {
        const answer = await handler(call);
        if (answer !== SENT) send(response, answers, answer);
        return;
      }
      const keyed: KeyedRequest = {
        tenant: idempotent.owner?.(request) ?? call.caller.tenant,
        route: `${request.method} ${withoutSecrets(request.path)}`,
        key,
        content: [request.query, request.body ?? null],
        secrets: idempotent.secrets,
      };
      const { answer, isRepeat } = await answerOnce(keyed, async () => {
        const made = await handler(call);
        if (made === SENT) throw new TypeError(`${definition.operation} writes its answers itself: none can be kept`);
        return made;
      });
      if (isRepeat) response.set(REPLAYED, 'true');
      send(response, answers, answer);
    },
  };
}

const REPLAYED = 'Idempotency-Replayed';

/** The definition of a creation with what its Idempotency-Key brings along. */
function withIdempotency<D extends RouteDefinition>(definition: D): D {
  if (definition.idempotent === undefined) return definition;
  const { headers, problems = [], answers } = definition;
  return {
    ...definition,
    headers: headers instanceof z.ZodObject ? headers.extend(KEY_HEADERS.shape) : KEY_HEADERS,
    problems: [...problems, 'IDEMPOTENCY_KEY_IN_USE', 'IDEMPOTENCY_KEY_REUSED'],
    answers: Object.fromEntries(
      Object.entries(answers).map(([status, answer]) => [
        status,
        { ...answer, headers: { ...answer.headers, [REPLAYED]: '`true` where the answer was made before' } },
      ]),
    ),
  };
}

/** What was sent as a body: none is an empty object, null is none of those. */
function bodyOrNone({ body }: Pick<Request, 'body'>): unknown {
  if (body === null) throw invalidRequest([{ field: '', message: 'must be an object' }]);
  return (body as unknown) ?? {};
}

/** Express gives a wildcard as a list of segments. */
const paramsOf = ({ params }: Request): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(params as Record<string, string | string[]>).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : value.join('/'),
    ]),
  );

function send(response: Response, answers: Answers, answer: JsonAnswer): void {
  response.status(answer.status).set(answer.headers ?? {});
  if (!('body' in answer)) response.end();
  else {
    const { mediaType = 'application/json' } = answers[answer.status] ?? {};
    response.type(mediaType);
    response.send(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  }
}

/** Express's address of a path in OpenAPI's notation. */
const expressPath = (path: string): string => path.replace(/\{(\w+)\*\}/g, '*$1').replace(/\{(\w+)\}/g, ':$1');

/** A router of these routes, with what answers repeated creations of theirs; other methods of their addresses are METHOD_NOT_ALLOWED. */
export function routerOf(routes: readonly Route[], answerOnce: AnswerOnce): Router {
  const router = Router();
  const paths = new Map<string, Route[]>();
  for (const each of routes) paths.set(each.path, [...(paths.get(each.path) ?? []), each]);
  for (const [path, methods] of paths) {
    const at = router.route(expressPath(path));
    // HEAD before GET, which answers it too where it has no route of its own.
    for (const each of methods.toSorted(({ method }) => (method === 'head' ? -1 : 0)))
      at[each.method](needs(each.scope), ...(each.before ?? []), ...bodyOf(each), (request, response) =>
        each.handle(request, response, answerOnce),
      );
    at.all(methodNotAllowed(...methods.map(({ method }) => method.toUpperCase()).filter((name) => name !== 'HEAD')));
  }
  return router;
}

/** Whether a method may change something, and so may have a body. */
export const isWrite = (method: Method): boolean => method !== 'get' && method !== 'head';

/** A route without a body schema leaves the body unread, as GET does. */
const bodyOf = ({ method, body, maxBodyBytes }: Route): readonly RequestHandler[] =>
  body === undefined || !isWrite(method) ? [] : jsonBody(maxBodyBytes);

/** Throws FORBIDDEN where the caller's key does not allow `scope`. */
const needs =
  (scope: Scope | null): RequestHandler =>
  (_request, response, next) => {
    if (scope !== null && !callerOf(response).scopes.includes(scope))
      throw new Problem('FORBIDDEN', `this needs a key with the scope "${scope}"`);
    next();
  };
