import { z } from 'zod';
import compression from '../../contracts/generated/compression-report.json';
import sfm from '../../contracts/generated/sfm-report.json';
import training from '../../contracts/generated/training-report.json';
import { PROBLEMS, problemType, type ProblemCode } from '../http/problem';
import { headerName, NO_BODY } from '../http/request-schemas';
import { isWrite, type Answer, type Route } from '../http/route';
import { EXAMPLES } from './examples';
import { SESSION_COOKIE } from '../access/authenticate';

type Json = Readonly<Record<string, unknown>>;

/** An OpenAPI 3.1 document, as far as we read it ourselves. */
export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Json;
  readonly security: readonly Json[];
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly Json[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: Json;
  readonly responses: Readonly<Record<string, Json>>;
  /** The answer has no end. */
  readonly 'x-stream'?: true;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Json;
}

const REPORTS: Readonly<Record<string, { readonly $defs: Json; readonly properties: { readonly metrics: Json } }>> = {
  sfm,
  training,
  compression,
};

const PROBLEM_ID = 'Problem';
const SCHEMAS = '#/components/schemas/';

/**
 * The description of the API, from the same definitions that Express, the validation and the scopes come from.
 * @param serverUrl address that paths begin at
 */
export function openApiDocument(routes: readonly Route[], version: string, serverUrl: string): OpenApiDocument {
  const schemas: Record<string, unknown> = { [PROBLEM_ID]: PROBLEM_SCHEMA };
  /** A schema of zod as JSON Schema 2020-12; those with an id become components. */
  const toJson = (schema: z.ZodType, io: 'input' | 'output'): Json => {
    // In a wrapper, so that a schema with an id of its own becomes a reference too.
    const { properties, $defs = {} } = z.toJSONSchema(z.object({ it: schema }), {
      io,
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) => {
        const { jsonSchema: given, generated } = (z.globalRegistry.get(zodSchema as unknown as z.ZodType) ?? {}) as {
          jsonSchema?: Json;
          generated?: string;
        };
        if (given !== undefined) Object.assign(jsonSchema, given);
        if (generated !== undefined) Object.assign(jsonSchema, reportMetrics(generated));
        delete (jsonSchema as Record<string, unknown>).jsonSchema;
        delete (jsonSchema as Record<string, unknown>).generated;
        delete (jsonSchema as Record<string, unknown>).id;
      },
    }) as unknown as { properties: { it: Json }; $defs?: Json };
    Object.assign(schemas, withComponentRefs($defs));
    return withComponentRefs(properties.it);
  };
  /** Metrics of a stage, as the container's own model describes them. */
  const reportMetrics = (stage: string): Json => {
    const { $defs, properties } = REPORTS[stage] ?? { $defs: {}, properties: { metrics: {} } };
    const add = (value: unknown): void => {
      for (const [, name = ''] of JSON.stringify(value).matchAll(/#\/\$defs\/(\w+)/g)) {
        if (name in schemas) continue;
        schemas[name] = withComponentRefs($defs[name] as Json);
        add($defs[name]);
      }
    };
    add(properties.metrics);
    return withComponentRefs({ $ref: properties.metrics.$ref });
  };

  const answerExample = (schema: Json): unknown => exampleOfSchema(schema, (id) => schemas[id] as Json);

  const operationOf = (each: Route): Operation => ({
    operationId: each.operation,
    tags: [each.tag],
    summary: each.summary,
    ...(each.description !== undefined && { description: each.description }),
    security: each.scope === null ? [] : [{ key: [] }, { session: [] }],
    parameters: [
      ...parametersOf('path', each.params, toJson),
      ...parametersOf('query', each.query, toJson),
      ...parametersOf('header', each.headers, toJson),
    ],
    ...(each.body !== undefined &&
      isWrite(each.method) && {
        requestBody: {
          required: !each.body.safeParse({}).success,
          content: {
            'application/json': {
              schema: toJson(each.body, 'input'),
              ...(exampleOf(each) !== undefined && { example: exampleOf(each) }),
            },
          },
        },
      }),
    responses: {
      ...Object.fromEntries(
        Object.entries(each.answers).map(([status, answer]) => [status, responseOf(answer, toJson, answerExample)]),
      ),
      ...problemResponses(each),
    },
    ...(each.isStream === true && { 'x-stream': true }),
  });

  const paths: Record<string, Record<string, Operation>> = {};
  for (const each of routes) {
    const path = each.path.replaceAll('*}', '}');
    paths[path] = { ...paths[path], [each.method]: operationOf(each) };
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Spaceport', version, description: 'Drone photos to a web-ready 3D Gaussian splat.' },
    servers: [{ url: serverUrl }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key' },
        session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE, description: 'A session of a browser' },
      },
    },
    security: [],
  };
}

/** Of a body that says nothing it is an empty object. */
const exampleOf = ({ body, example }: Route): unknown => (body === NO_BODY ? {} : example);

/** What a schema has an example of, itself or in its parts; undefined where it has none. */
function exampleOfSchema(schema: Json, component: (id: string) => Json): unknown {
  const { $ref, examples, enum: values, type, properties, items, anyOf } = schema as SchemaParts;
  if (examples?.[0] !== undefined) return examples[0];
  if ($ref !== undefined) {
    const id = $ref.slice(SCHEMAS.length);
    return EXAMPLES[id] ?? exampleOfSchema(component(id), component);
  }
  if (values?.[0] !== undefined) return values[0];
  if (items !== undefined) {
    const item = exampleOfSchema(items, component);
    return item === undefined ? undefined : [item];
  }
  if (properties !== undefined) {
    const parts = Object.entries(properties).map(([name, part]) => [name, exampleOfSchema(part, component)] as const);
    return parts.some(([, part]) => part === undefined) ? undefined : Object.fromEntries(parts);
  }
  const mayBeNull = type?.includes('null') === true || anyOf?.some((part) => part.type === 'null') === true;
  return mayBeNull ? null : undefined;
}

interface SchemaParts {
  readonly $ref?: string;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Json>>;
  readonly items?: Json;
  readonly anyOf?: readonly Json[];
}

type ToJson = (schema: z.ZodType, io: 'input' | 'output') => Json;

function parametersOf(place: Parameter['in'], schema: z.ZodType | undefined, toJson: ToJson): Parameter[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = toJson(schema, 'input') as {
    properties?: Readonly<Record<string, Json>>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name: place === 'header' ? headerName(name) : name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(typeof description === 'string' && { description }),
    schema: rest,
  }));
}

function responseOf(
  { description, schema, mediaType, otherMediaTypes = [], headers }: Answer,
  toJson: ToJson,
  exampleOfAnswer: (schema: Json) => unknown,
): Json {
  const json = schema === undefined ? undefined : toJson(schema, 'output');
  const example = json === undefined ? undefined : exampleOfAnswer(json);
  return {
    description,
    ...(headers !== undefined && {
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, what]) => [name, { description: what, schema: { type: 'string' } }]),
      ),
    }),
    ...((schema !== undefined || mediaType !== undefined) && {
      content: {
        [mediaType ?? 'application/json']: {
          ...(json !== undefined && { schema: json }),
          ...(example !== undefined && { example }),
        },
        ...Object.fromEntries(otherMediaTypes.map((type) => [type, {}])),
      },
    }),
  };
}

/** Problems of every route, and of those that read a body, write, or need a key. */
/** A key that is sent is looked at, also where none is needed. */
const EVERYWHERE = [
  'INVALID_REQUEST',
  'UNAUTHENTICATED',
  'HOST_NOT_ALLOWED',
  'RATE_LIMITED',
  'INTERNAL_ERROR',
  'UNAVAILABLE',
] as const;
const OF_BODIES = ['INVALID_JSON', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const;
const OF_SCOPES = ['FORBIDDEN'] as const;

/** The codes that a route may answer with. */
export const problemsOf = ({ method, body, scope, problems = [] }: Route): readonly ProblemCode[] => {
  const writes = isWrite(method);
  return [
    ...new Set<ProblemCode>([
      ...EVERYWHERE,
      ...(writes ? (['CROSS_ORIGIN'] as const) : []),
      ...(writes && body !== undefined ? OF_BODIES : []),
      ...(scope === null ? [] : OF_SCOPES),
      ...problems,
    ]),
  ];
};

function problemResponses(each: Route): Record<string, Json> {
  const byStatus = Map.groupBy(problemsOf(each), (code) => PROBLEMS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `${code}: ${PROBLEMS[code].title}`).join('; '),
        // An answer to HEAD has no body.
        ...(each.method !== 'head' && {
          content: {
            'application/problem+json': {
              schema: { allOf: [{ $ref: `${SCHEMAS}${PROBLEM_ID}` }, { properties: { code: { enum: codes } } }] },
              examples: Object.fromEntries(codes.map((code) => [code, { value: problemExample(code) }])),
            },
          },
        }),
      },
    ]),
  );
}

const problemExample = (code: ProblemCode): Json => ({
  type: problemType(code),
  title: PROBLEMS[code].title,
  status: PROBLEMS[code].status,
  detail: 'what happened, why, and what to do',
  code,
  requestId: '5f0c1d5e-7a3b-4a63-9d0b-0a8f6f0f3c55',
});

const PROBLEM_SCHEMA: Json = {
  type: 'object',
  description: 'RFC 9457. `code` is stable; `detail` is for people.',
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    requestId: { type: 'string', description: 'Also in the header X-Request-Id and in the logs' },
    errors: {
      type: 'array',
      description: 'What is wrong, field by field',
      items: {
        type: 'object',
        required: ['field', 'message'],
        properties: { field: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

/** References into `$defs` become references to components. */
const withComponentRefs = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', `"${SCHEMAS}`)) as T;
