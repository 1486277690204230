import { html, type Markup } from '../../platform/html';
import { layoutPage, table } from '../pages/layout';
import { PROBLEMS } from '../http/problem';
import type { OpenApiDocument, Operation } from './document';

type Json = Readonly<Record<string, unknown>>;

/** The description of the API as a page for people: every operation with its parameters, bodies and answers. */
export const apiPage = (document: OpenApiDocument): Markup =>
  layoutPage({
    title: 'Spaceport API',
    main: html`<h1>API</h1>
<p>The same as <a href="/v1/openapi.json">an OpenAPI 3.1 document</a>, made from the definitions that the server runs on.</p>
${document.tags.map(({ name }) => section(document, name))}
<h2>Schemas</h2>
${Object.entries(document.components.schemas as Readonly<Record<string, Json>>).map(
  ([
    name,
    schema,
  ]) => html`<details id="${name}"><summary><code>${name}</code> ${words(textOf(schema.description))}</summary>
<pre><code>${JSON.stringify(schema, null, 2)}</code></pre></details>
`,
)}
<h2>Problems</h2>
<p>Errors are <code>application/problem+json</code> (RFC 9457) with a stable <code>code</code>, and <code>errors</code> by field.</p>
${table(
  ['Code', 'Meaning'],
  ['Status'],
  Object.entries(PROBLEMS).map(([code, { status, title }]) => [html`<code>${code}</code>`, title, status]),
)}`,
  });

const section = ({ paths }: OpenApiDocument, tag: string): Markup => html`<h2>${tag}</h2>
${Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods)
    .filter(([, { tags }]) => tags.includes(tag))
    .map(([method, operation]) => operationDetails(method, path, operation)),
)}`;

const operationDetails = (method: string, path: string, operation: Operation): Markup =>
  html`<details id="${operation.operationId}"><summary><code>${method.toUpperCase()} ${path}</code> ${words(operation.summary)}</summary>
${operation.description !== undefined && html`<p>${words(operation.description)}</p>`}
${
  operation.parameters.length > 0 &&
  table(
    ['Parameter', 'In', 'Values', 'Meaning'],
    [],
    operation.parameters.map(({ name, in: place, required, schema, description }) => [
      html`<code>${name}</code>${required && ' (needed)'}`,
      place,
      valuesOf(schema),
      description !== undefined && words(description),
    ]),
  )
}
${operation.requestBody !== undefined && html`<p>Body: ${bodyOf(operation.requestBody)}</p>${exampleOf(operation.requestBody)}`}
${table(
  ['Status', 'Meaning', 'Body'],
  [],
  Object.entries(operation.responses).map(([status, response]) => [
    status,
    words(textOf(response.description)),
    bodyOf(response),
  ]),
)}
${Object.entries(operation.responses).map(([status, response]) => {
  const example = exampleOf(response);
  return example && html`<p>${status}, for example:</p>${example}`;
})}
</details>
`;

/** The example of a body or an answer; null where it has none, or one for each of its codes. */
function exampleOf({ content }: Json): Markup | null {
  const [{ example } = {}] = Object.values((content ?? {}) as Record<string, { example?: unknown }>);
  return example === undefined ? null : html`<pre><code>${JSON.stringify(example, null, 2)}</code></pre>`;
}

/** What is in a body: the name of its schema, or the schema itself. */
function bodyOf({ content }: Json): Markup | null {
  const [type, { schema = {} } = {}] = Object.entries((content ?? {}) as Record<string, { schema?: Json }>)[0] ?? [];
  if (type === undefined) return null;
  if (type === 'application/problem+json') return html`<a href="#Problem">Problem</a>`;
  const name = typeof schema.$ref === 'string' ? schema.$ref.split('/').at(-1) : undefined;
  return name === undefined ? html`<code>${valuesOf(schema)}</code>` : html`<a href="#${name}">${name}</a>`;
}

/** A schema in a few words. */
function valuesOf(schema: Json): string {
  if (typeof schema.$ref === 'string') return schema.$ref.split('/').at(-1) ?? '';
  if (Array.isArray(schema.enum)) return schema.enum.join(', ');
  if (schema.type === 'object')
    return `{ ${Object.entries((schema.properties ?? {}) as Record<string, Json>)
      .map(([name, of]) => `${name}: ${valuesOf(of)}`)
      .join(', ')} }`;
  if (schema.type === 'array') return `${valuesOf((schema.items ?? {}) as Json)}[]`;
  if (Array.isArray(schema.anyOf)) return (schema.anyOf as Json[]).map(valuesOf).join(' or ');
  const { minimum, maximum } = schema as { minimum?: number; maximum?: number };
  const range = minimum === undefined || maximum === undefined ? '' : `, ${minimum} to ${maximum}`;
  return `${[schema.type].flat().join(' or ')}${range}`;
}

/** What stands between backticks is code. */
const words = (text: string): readonly Markup[] =>
  text.split('`').map((piece, index) => (index % 2 === 1 ? html`<code>${piece}</code>` : html`${piece}`));

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
