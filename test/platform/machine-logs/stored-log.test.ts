import fc from 'fast-check';
import type { LogLine } from '../../../platform/machine-logs/log-stream';
import { LogKeeper, parseStoredLog, storedLine, STORED_LOG_LIMITS } from '../../../platform/machine-logs/stored-log';

const line = fc.record({
  atMs: fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2030, 0) }),
  text: fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replaceAll(/[\n\r]/g, ' ')),
});
const pages = fc.array(fc.array(line, { maxLength: 20 }), { maxLength: 20 });

function kept(all: readonly (readonly LogLine[])[], limits = STORED_LOG_LIMITS): string {
  const keeper = new LogKeeper(limits);
  for (const page of all) keeper.add(page);
  return keeper.text();
}

test('a log that is short is stored whole, and read as it was', () => {
  fc.assert(
    fc.property(pages, (all) => {
      expect(parseStoredLog(kept(all))).toEqual(all.flat());
    }),
  );
});

test('of a long log the first and the last lines are stored, as many as there is room for, and how many are not', () => {
  const limits = { firstBytes: 300, lastBytes: 500 };
  fc.assert(
    fc.property(pages, (all) => {
      const lines = all.flat().map(storedLine);
      const stored = parseStoredLog(kept(all, limits)).map(storedLine);
      const gap = stored.findIndex((text) => text.includes('[Spaceport: '));
      if (gap < 0) {
        expect(stored).toEqual(lines);
        return;
      }
      const [first, last] = [stored.slice(0, gap), stored.slice(gap + 1)];
      expect(lines.slice(0, first.length)).toEqual(first);
      expect(last.length === 0 ? [] : lines.slice(-last.length)).toEqual(last);
      const leftOut = lines.length - first.length - last.length;
      expect(stored[gap]).toContain(`[Spaceport: ${leftOut} ${leftOut === 1 ? 'line is' : 'lines are'} left out here`);
      const bytes = (texts: readonly string[]): number => Buffer.byteLength(texts.join(''));
      expect(bytes(first)).toBeLessThanOrEqual(limits.firstBytes);
      expect(bytes(last)).toBeLessThanOrEqual(limits.lastBytes);
      // One more would not have had room.
      expect(bytes(lines.slice(0, first.length + 1))).toBeGreaterThan(limits.firstBytes);
      expect(bytes(lines.slice(-last.length - 1))).toBeGreaterThan(limits.lastBytes);
    }),
    { numRuns: 500 },
  );
});

test('a log that was not read to its end says that more is left out than was counted', () => {
  const keeper = new LogKeeper({ firstBytes: 40, lastBytes: 100 });
  const at = (text: string): LogLine => ({ atMs: 0, text });
  keeper.add([at('first'), at('second'), at('third')]);
  keeper.skip();
  keeper.add([at('last')]);
  expect(parseStoredLog(keeper.text()).map(({ text }) => text)).toEqual([
    'first',
    expect.stringContaining('more than 2 lines are left out here'),
    'last',
  ]);
});
