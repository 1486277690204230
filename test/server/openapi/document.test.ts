import { isDeepStrictEqual } from 'node:util';
import request from 'supertest';
import { z } from 'zod';
import { testApp } from '../helpers';
import type { OpenApiDocument, Operation } from '../../../server/openapi/document';

const load = async (): Promise<OpenApiDocument> =>
  (await request(testApp().app).get('/v1/openapi.json').expect(200)).body as OpenApiDocument;

const operations = ({ paths }: OpenApiDocument): readonly Operation[] => Object.values(paths).flatMap(Object.values);

interface Content {
  readonly content?: Readonly<
    Record<string, { readonly example?: unknown; readonly examples?: object; readonly schema?: unknown }>
  >;
}
/** Of a problem, as its answer narrows them. */
const codesOf = (schema: unknown): unknown =>
  (schema as { allOf: [unknown, { properties: { code: { enum: string[] } } }] }).allOf[1].properties.code.enum;

test('every reference of the description leads somewhere, and nothing of its making is left in it', async () => {
  const document = await load();
  const text = JSON.stringify(document);
  const schemas = document.components.schemas as Readonly<Record<string, unknown>>;
  const named = [...text.matchAll(/"\$ref":"([^"]*)"/g)].map(([, to = '']) => to);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((to) => !(to.replace('#/components/schemas/', '') in schemas))).toEqual([]);
  expect(text).not.toMatch(/"(jsonSchema|generated|\$defs)":/);
});

test('operations have names of their own, a summary, an answer that is no problem, and the problems of all', async () => {
  const all = operations(await load());
  expect(new Set(all.map(({ operationId }) => operationId)).size).toBe(all.length);
  for (const { operationId, summary, responses } of all) {
    expect([operationId, summary.length > 0]).toEqual([operationId, true]);
    expect(Object.keys(responses).some((status) => Number(status) < 400)).toBe(true);
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '403', '500', '503']));
  }
});

test('every body is shown by an example, and every problem by one of each of its codes', async () => {
  const lacks: string[] = [];
  for (const { operationId, requestBody, responses } of operations(await load())) {
    const bodies = Object.values((requestBody as Content | undefined)?.content ?? {});
    const problems = Object.values(responses as Record<string, Content>).flatMap(({ content = {} }) => {
      const problem = content['application/problem+json'];
      return problem === undefined ? [] : [problem];
    });
    if (!bodies.every(({ example }) => example !== undefined)) lacks.push(operationId);
    for (const { examples = {}, schema } of problems)
      if (!isDeepStrictEqual(Object.keys(examples), codesOf(schema))) lacks.push(operationId);
  }
  expect(lacks).toEqual([]);
});

test('the body that starts a job is described with the ranges that are checked', async () => {
  const { paths } = await load();
  const body = paths['/v1/jobs']?.post?.requestBody as {
    content: { 'application/json': { schema: Record<string, Record<string, unknown>>; example: object } };
  };
  const { schema, example } = body.content['application/json'];
  expect(schema).toMatchObject({
    additionalProperties: false,
    required: ['email'],
    properties: {
      preset: { enum: ['preview', 'laptop', 'standard', 'high', 'survey'], default: 'standard' },
      options: { properties: { maxGaussians: { type: 'integer' } } },
      budgetUsd: { anyOf: [{ type: 'number', minimum: 0.01, maximum: 10000 }, { type: 'null' }] },
    },
  });
  await request(testApp().app).post('/v1/jobs').send(example).expect(202);
});

test('metrics of stages are described as the containers describe them', async () => {
  const { components } = await load();
  expect(components.schemas).toMatchObject({
    SfmMetrics: { properties: { registered: { type: 'integer' } } },
    Job: { properties: { stages: { properties: { sfm: { $ref: '#/components/schemas/SfmMetrics' } } } } },
  });
});

test('the page for people names every operation and needs nothing from elsewhere', async () => {
  const document = await load();
  const { text } = await request(testApp().app).get('/docs').expect('Content-Type', /html/).expect(200);
  for (const { operationId } of operations(document)) expect(text).toContain(`id="${operationId}"`);
  expect(text.replace(/<pre>[^]*?<\/pre>/g, '')).not.toContain('`');
  expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
});

test('an address that is described refuses other methods and says which it takes', async () => {
  const answer = await request(testApp().app).put('/v1/jobs').expect(405);
  expect(answer.headers.allow).toBe('POST, GET, HEAD');
});

test('every JSON answer is shown by an example that its schema takes', async () => {
  const document = await load();
  const { schemas } = document.components as { schemas: object };
  const wrong: unknown[] = [];
  for (const { operationId, responses } of operations(document))
    for (const [status, { content = {} }] of Object.entries(responses as Record<string, Content>)) {
      const { schema, example } = content['application/json'] ?? {};
      // Files have a form of their own.
      if (schema === undefined || isDeepStrictEqual(schema, { type: 'object' })) continue;
      const whole = JSON.stringify({ ...schema, $defs: schemas }).replaceAll('#/components/schemas/', '#/$defs/');
      const { error } = z.fromJSONSchema(JSON.parse(whole) as z.core.JSONSchema.JSONSchema).safeParse(example);
      if (error !== undefined) wrong.push([operationId, status, z.prettifyError(error)]);
    }
  expect(wrong).toEqual([]);
});
