/** Options that hold several values, with commas between. */
const LISTS = new Set(['options', 'scopes', 'shows', 'state', 'events', 'buckets']);

/**
 * A command line in which each list is given once, with all that it was given with. yargs would take the last of them, or
 * make arrays of all options that are given several times.
 */
export function listsJoined(args: readonly string[]): string[] {
  const joined: string[] = [];
  const places = new Map<string, number>();
  const rest = args.values();
  for (const arg of rest) {
    const [, name = '', equals = ''] = /^--(\w+)(=?)/.exec(arg) ?? [];
    const value = !LISTS.has(name) ? undefined : equals === '' ? rest.next().value : arg.slice(name.length + 3);
    const place = places.get(name);
    if (value === undefined) joined.push(arg);
    else if (value.startsWith('-')) joined.push(arg, value);
    else if (place !== undefined) joined[place] = [joined[place], value].join(',');
    else {
      places.set(name, joined.length);
      joined.push(`--${name}=${value}`);
    }
  }
  return joined;
}
