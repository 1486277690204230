import { z } from 'zod';
import { list, object } from '../messages/read-only';

/** What people mark in a scene, in its coordinates: x east, y down, z north, as scene.json says of it. */

/** A scene of 10 000 km is none of photos. */
const MAX_COORDINATE = 1e7;
export const MAX_TEXT_LENGTH = 2000;
/** With these the largest annotation has some 15 KB. */
export const MAX_VERTICES = 200;
/** Of one job. */
export const MAX_ANNOTATIONS = 1000;

const number = (min: number, max: number): z.ZodNumber => {
  const error = `must be a number from ${min} to ${max}`;
  return z.number({ error }).min(min, error).max(max, error);
};
const coordinate = number(-MAX_COORDINATE, MAX_COORDINATE);
const three = 'must be three numbers, [x, y, z]';
const vector = z
  .array(coordinate, { error: three })
  .length(3, three)
  .readonly()
  .meta({ id: 'SceneVector', description: '[x, y, z] in units of the scene' });

const view = z
  .strictObject(
    { eye: vector, target: vector, up: vector, fieldOfViewDeg: number(1, 170) },
    { error: 'must be an object, or null' },
  )
  .readonly()
  .meta({ id: 'SceneView', description: 'From where the scene was looked at' });

const amount = number(-1e15, 1e15);
const size = number(0, 1e15);
/** A measured value; `sigma` in the same unit. */
const measured = <const U extends readonly [string, ...string[]]>(units: U, of: z.ZodNumber) =>
  z
    .strictObject(
      { amount: of, sigma: size.nullable().default(null), unit: z.enum(units) },
      { error: 'must be an object, or null' },
    )
    .readonly()
    .nullable()
    .default(null)
    .describe('`unit` without `m` is of the scene, where that is not metric');

const LENGTH = ['m', 'unit'] as const;
const AREA = ['m2', 'unit2'] as const;
const VOLUME = ['m3', 'unit3'] as const;

const textSchema = z.string().max(MAX_TEXT_LENGTH);
/** Of what somebody knows to be so long: that sets the scale. */
const knownLength = z
  .strictObject(
    { amount: number(1e-6, 1e7), sigma: size, unit: z.literal('m') },
    { error: 'must be an object with amount, sigma and unit' },
  )
  .readonly();
const noValue = z.null({ error: 'must be null: nothing is measured here' }).default(null);

const counted = (min: number, max: number): string =>
  min === max ? `must be ${min} ${min === 1 ? 'point' : 'points'}` : `must be ${min} to ${max} points`;

/** One kind: how many vertices, and what value. */
const kind = <const K extends string, V extends z.ZodType, T extends z.ZodType>(
  name: K,
  [min, max]: readonly [number, number],
  value: V,
  text: T,
) =>
  z.strictObject({
    kind: z.literal(name),
    vertices: z
      .array(vector, { error: counted(min, max) })
      .min(min, counted(min, max))
      .max(max, counted(min, max))
      .readonly(),
    text,
    view: view.nullable().default(null),
    value,
  });

const words = textSchema.default('');
const KINDS = [
  kind('note', [1, 1], noValue, textSchema.min(1)),
  kind('point', [1, 1], noValue, words),
  kind('distance', [2, 2], measured(LENGTH, size), words),
  kind('polyline', [2, MAX_VERTICES], measured(LENGTH, size), words),
  kind('area', [3, MAX_VERTICES], measured(AREA, size), words),
  kind('volume', [3, MAX_VERTICES], measured(VOLUME, amount), words),
  kind('height', [2, 2], measured(LENGTH, amount), words),
  kind('scale', [2, 2], knownLength, words),
] as const;
export const ANNOTATION_KINDS = KINDS.map(({ shape }) => shape.kind.value);

/** What a caller sends: heights and volumes have a sign, up and above the base being positive. */
export const ANNOTATION_DRAFT = z
  .discriminatedUnion('kind', KINDS, {
    // Also asked about what is no object.
    error: ({ code }: { readonly code?: string }) =>
      code === 'invalid_union' ? `must be one of ${ANNOTATION_KINDS.join(', ')}` : undefined,
  })
  .meta({ id: 'AnnotationDraft' });

export const ANNOTATION = object({
  annotationId: z.string(),
  kind: z.enum(ANNOTATION_KINDS),
  vertices: list(vector),
  text: z.string(),
  view: view.nullable(),
  value: object({
    amount: z.number(),
    sigma: z.number().nullable().describe('In the same unit; null where it is not known'),
    unit: z.enum([...LENGTH, ...AREA, ...VOLUME]),
  }).nullable(),
  shareId: z.string().nullable().describe('The share through which it was made; null of those made by key or session'),
  etag: z.string().describe('For `If-Match`: the version, with its quotes'),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
}).meta({ id: 'Annotation', description: 'A note or a measurement in a scene' });

export const ANNOTATION_LIST = object({
  annotations: list(ANNOTATION).describe('In the order in which they were made'),
}).meta({ id: 'AnnotationList' });

export type AnnotationDraft = z.output<typeof ANNOTATION_DRAFT>;
export type AnnotationView = z.infer<typeof ANNOTATION>;
