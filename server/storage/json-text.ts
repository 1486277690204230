import { isRecord } from '../../contracts/messages/parsed';

/** Lists and objects as the columns of type TEXT hold them. */
export const jsonText = (value: unknown): string => JSON.stringify(value);

/** A list of words of ours; words that this version does not know, of a newer one, are left out. */
export function wordsIn<T extends string>(text: string, isWord: (value: unknown) => value is T): readonly T[] {
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) ? value.filter(isWord) : [];
}

/** An object; empty where the text holds something else. */
export function objectIn(text: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(text);
  return isRecord(value) ? value : {};
}
