/**
 * The objects of one bucket by key, in S3's order, in memory: a listing of one folder among tens of thousands of keys
 * is a binary search. Insertion moves array elements (microseconds at 100 000 keys).
 */
export class KeyIndex<T> {
  private readonly entries = new Map<string, T>();
  private keys: string[] = [];

  /** Builds the index of many entries with one sort. */
  static from<T>(entries: Iterable<readonly [key: string, value: T]>): KeyIndex<T> {
    const index = new KeyIndex<T>();
    for (const [key, value] of entries) index.entries.set(key, value);
    index.keys = [...index.entries.keys()].sort(compareKeys);
    return index;
  }

  get size(): number {
    return this.keys.length;
  }

  get(key: string): T | undefined {
    return this.entries.get(key);
  }

  set(key: string, value: T): void {
    if (!this.entries.has(key)) this.keys.splice(this.positionOf(key), 0, key);
    this.entries.set(key, value);
  }

  delete(key: string): void {
    if (this.entries.delete(key)) this.keys.splice(this.positionOf(key), 1);
  }

  values(): Iterable<T> {
    return this.entries.values();
  }

  /** The key at a position in order, or undefined past the end. */
  keyAt(position: number): string | undefined {
    return this.keys[position];
  }

  /** The position of the first key at or after `key`. */
  positionOf(key: string): number {
    return this.firstPosition((candidate) => compareKeys(candidate, key) >= 0);
  }

  /** The position of the first key after all that begin with `prefix`. */
  positionAfterPrefix(prefix: string): number {
    return this.firstPosition((candidate) => compareKeys(candidate, prefix) > 0 && !candidate.startsWith(prefix));
  }

  /** Binary search: `reached` is false for a first stretch of the keys and true for the rest. */
  private firstPosition(reached: (key: string) => boolean): number {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const key = this.keys[middle];
      if (key !== undefined && !reached(key)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * S3 lists keys in the order of their UTF-8 bytes. JavaScript compares UTF-16 units, which puts surrogates (code points
 * from U+10000) before U+E000 to U+FFFF, so those two ranges are swapped.
 */
export function compareKeys(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return utf8Rank(a) - utf8Rank(b);
  }
  return left.length - right.length;
}

function utf8Rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}
