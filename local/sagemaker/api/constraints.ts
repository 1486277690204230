import { ApiError } from '../api-error';

/**
 * The constraints of a value in a request, in the terms of AWS's API models. Adds what the value at `path` violates to
 * `violations`, and returns the value as it came. Throws a SerializationException for a value of the wrong JSON type.
 */
export type Shape<T> = (value: unknown, path: string, violations: string[]) => T;

type Structure<M extends Record<string, Shape<unknown>>, R extends keyof M> = { [K in R]: ReturnType<M[K]> } & {
  [K in Exclude<keyof M, R>]?: ReturnType<M[K]>;
};

interface Range {
  min?: number;
  max?: number;
}

/**
 * Returns a request that keeps to its shape. Throws AWS's ValidationException with every violation, or a
 * SerializationException for a value of the wrong JSON type. Members that a shape does not name are not checked.
 */
export function checkShape<T>(shape: Shape<T>, value: unknown): T {
  const violations: string[] = [];
  const checked = shape(value, '', violations);
  if (violations.length === 0) return checked;
  const noun = violations.length === 1 ? 'error' : 'errors';
  throw new ApiError(
    'ValidationException',
    `${violations.length} validation ${noun} detected: ${violations.join('; ')}`,
  );
}

export function string({ pattern, ...range }: Range & { pattern?: string } = {}): Shape<string> {
  const whole = new RegExp(`^(?:${pattern ?? '.*'})$`, 's');
  return (value, path, violations) => {
    if (typeof value !== 'string') throw wrongType(path, 'a string');
    violations.push(...outOfRange(range, value.length, 'length', value, path));
    if (!whole.test(value))
      violations.push(violation(value, path, `Member must satisfy regular expression pattern: ${pattern}`));
    return value;
  };
}

export function oneOf<const E extends string>(...allowed: readonly E[]): Shape<E> {
  return (value, path, violations) => {
    if (typeof value !== 'string') throw wrongType(path, 'a string');
    if (!allowed.some((each) => each === value))
      violations.push(violation(value, path, `Member must satisfy enum value set: [${allowed.join(', ')}]`));
    return value as E;
  };
}

export function integer(range: Range): Shape<number> {
  return (value, path, violations) => {
    if (!Number.isInteger(value)) throw wrongType(path, 'an integer');
    violations.push(...outOfRange(range, value as number, 'value', value, path));
    return value as number;
  };
}

export const timestamp: Shape<number> = (value, path) => {
  if (typeof value !== 'number') throw wrongType(path, 'a timestamp');
  return value;
};

export const boolean: Shape<boolean> = (value, path) => {
  if (typeof value !== 'boolean') throw wrongType(path, 'a boolean');
  return value;
};

export function list<T>(member: Shape<T>, range: Range): Shape<T[]> {
  return (value, path, violations) => {
    if (!Array.isArray(value)) throw wrongType(path, 'a list');
    violations.push(...outOfRange(range, value.length, 'length', value, path));
    return value.map((entry, index) => member(entry, `${path}.${index + 1}.member`, violations));
  };
}

export function map<T>(keyShape: Shape<string>, valueShape: Shape<T>, range: Range): Shape<Record<string, T>> {
  return (value, path, violations) => {
    const entries = Object.entries(asObject(value, path));
    violations.push(...outOfRange(range, entries.length, 'length', value, path));
    for (const [key, entry] of entries) {
      keyShape(key, `${path}.key`, violations);
      valueShape(entry, `${path}.${key}.member`, violations);
    }
    return value as Record<string, T>;
  };
}

export function structure<const M extends Record<string, Shape<unknown>>, const R extends keyof M & string>(
  required: readonly R[],
  members: M,
): Shape<Structure<M, R>> {
  return (value, path, violations) => {
    const given = asObject(value, path);
    for (const [name, member] of Object.entries(members)) {
      const memberPath = path === '' ? lowerFirst(name) : `${path}.${lowerFirst(name)}`;
      const present = given[name] !== undefined && given[name] !== null;
      if (present) member(given[name], memberPath, violations);
      else if (required.some((each) => each === name))
        violations.push(`Value null at '${memberPath}' failed to satisfy constraint: Member must not be null`);
    }
    return given as Structure<M, R>;
  };
}

function outOfRange(
  { min = -Infinity, max = Infinity }: Range,
  size: number,
  quantity: 'length' | 'value',
  value: unknown,
  path: string,
): string[] {
  if (size < min) return [violation(value, path, `Member must have ${quantity} greater than or equal to ${min}`)];
  if (size > max) return [violation(value, path, `Member must have ${quantity} less than or equal to ${max}`)];
  return [];
}

function violation(value: unknown, path: string, constraint: string): string {
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  return `Value '${shown}' at '${path}' failed to satisfy constraint: ${constraint}`;
}

function asObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(path, 'an object');
  return value as Record<string, unknown>;
}

function wrongType(path: string, expected: string): ApiError {
  return new ApiError('SerializationException', `The value at '${path}' is not ${expected}.`);
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
