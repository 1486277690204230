import { ApiError } from '../api-error';

/** The constraints of a value in a request, in the terms of AWS's API models. */
export type Shape =
  | { type: 'string'; min?: number; max?: number; pattern?: string; enum?: readonly string[] }
  | { type: 'integer'; min?: number; max?: number }
  | { type: 'timestamp' }
  | { type: 'boolean' }
  | { type: 'list'; min?: number; max?: number; member: Shape }
  | { type: 'map'; max?: number; key: Shape; value: Shape }
  | { type: 'structure'; required?: readonly string[]; members: Record<string, Shape> };

/** The type of the values that keep to a shape. */
export type Checked<S> = S extends { enum: readonly (infer E)[] }
  ? E
  : S extends { type: 'string' }
    ? string
    : S extends { type: 'integer' | 'timestamp' }
      ? number
      : S extends { type: 'boolean' }
        ? boolean
        : S extends { type: 'list'; member: infer M }
          ? Checked<M>[]
          : S extends { type: 'map'; value: infer V }
            ? Record<string, Checked<V>>
            : S extends { type: 'structure'; members: infer M }
              ? Structure<M, S extends { required: readonly (infer R)[] } ? R : never>
              : never;

type Structure<M, R> = { [K in Extract<keyof M, R>]: Checked<M[K]> } & { [K in Exclude<keyof M, R>]?: Checked<M[K]> };

/**
 * Returns a request that keeps to its shape. Throws AWS's ValidationException with every violation, or a
 * SerializationException for a value of the wrong JSON type. Members that a shape does not name are not checked.
 */
export function checkShape<S extends Shape>(shape: S, value: unknown): Checked<S> {
  const violations: string[] = [];
  check(shape, value, '', violations);
  if (violations.length === 0) return value as Checked<S>;
  const noun = violations.length === 1 ? 'error' : 'errors';
  throw new ApiError(
    'ValidationException',
    `${violations.length} validation ${noun} detected: ${violations.join('; ')}`,
  );
}

function check(shape: Shape, value: unknown, path: string, violations: string[]): void {
  const violated = (constraint: string): void => {
    violations.push(`Value '${show(value)}' at '${path}' failed to satisfy constraint: ${constraint}`);
  };
  const checkRange = (
    size: number,
    quantity: 'length' | 'value',
    { min, max }: { min?: number; max?: number },
  ): void => {
    if (min !== undefined && size < min) violated(`Member must have ${quantity} greater than or equal to ${min}`);
    if (max !== undefined && size > max) violated(`Member must have ${quantity} less than or equal to ${max}`);
  };
  switch (shape.type) {
    case 'string':
      if (typeof value !== 'string') throw wrongType(path, 'a string');
      checkRange(value.length, 'length', shape);
      if (shape.pattern && !new RegExp(`^(?:${shape.pattern})$`, 's').test(value)) {
        violated(`Member must satisfy regular expression pattern: ${shape.pattern}`);
      }
      if (shape.enum && !shape.enum.includes(value))
        violated(`Member must satisfy enum value set: [${shape.enum.join(', ')}]`);
      return;
    case 'integer':
      if (!Number.isInteger(value)) throw wrongType(path, 'an integer');
      return checkRange(value as number, 'value', shape);
    case 'timestamp':
      if (typeof value !== 'number') throw wrongType(path, 'a timestamp');
      return;
    case 'boolean':
      if (typeof value !== 'boolean') throw wrongType(path, 'a boolean');
      return;
    case 'list':
      if (!Array.isArray(value)) throw wrongType(path, 'a list');
      checkRange(value.length, 'length', shape);
      value.forEach((member, index) => check(shape.member, member, `${path}.${index + 1}.member`, violations));
      return;
    case 'map': {
      const entries = Object.entries(asObject(value, path));
      checkRange(entries.length, 'length', shape);
      for (const [key, entry] of entries) {
        check(shape.key, key, `${path}.key`, violations);
        check(shape.value, entry, `${path}.${key}.member`, violations);
      }
      return;
    }
    case 'structure': {
      const structure = asObject(value, path);
      for (const [name, member] of Object.entries(shape.members)) {
        const memberPath = path === '' ? lowerFirst(name) : `${path}.${lowerFirst(name)}`;
        if (structure[name] !== undefined && structure[name] !== null)
          check(member, structure[name], memberPath, violations);
        else if (shape.required?.includes(name)) {
          violations.push(`Value null at '${memberPath}' failed to satisfy constraint: Member must not be null`);
        }
      }
    }
  }
}

function asObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(path, 'an object');
  return value as Record<string, unknown>;
}

function wrongType(path: string, expected: string): ApiError {
  return new ApiError('SerializationException', `The value at '${path}' is not ${expected}.`);
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
