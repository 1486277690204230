import fc from 'fast-check';
import { cursorAfter, formatCursor, indexAfter, LOG_START, parseCursor } from '../../../server/logs/log-cursor';
import { LineWindow } from '../../../server/logs/line-window';

/** Lines in the order of their times, of which many have the same. */
const log = fc
  .array(fc.integer({ min: 1, max: 8 }), { maxLength: 60 })
  .map((times) => times.sort((a, b) => a - b).map((atMs, index) => ({ atMs, text: String(index) })));

test('whoever continues behind a place gets what follows, once', () => {
  fc.assert(
    fc.property(log, fc.nat(60), (lines, read) => {
      const cursor = parseCursor(formatCursor(cursorAfter(LOG_START, lines.slice(0, read))))!;
      expect(lines.slice(indexAfter(lines, cursor))).toEqual(lines.slice(read));
      // The same where only the lines since its millisecond are at hand.
      const since = lines.filter(({ atMs }) => atMs >= cursor.atMs);
      expect(since.slice(indexAfter(since, cursor))).toEqual(lines.slice(read));
    }),
  );
});

test('what is no place is none', () => {
  for (const text of ['', '5', '5-', '-5', '1e3-2', '5-6-7', '12345678901234567-1'])
    expect(parseCursor(text)).toBeNull();
});

test('a window has the newest lines, knows their places, and says where lines are missing', () => {
  fc.assert(
    fc.property(log, fc.nat(60), fc.nat(60), fc.integer({ min: 1, max: 20 }), (lines, read, added, size) => {
      const window = new LineWindow(true, { lines: size, characters: 1e6 });
      window.add(lines.slice(0, added));
      window.add(lines.slice(added));
      expect(window.end).toBe(lines.length);
      expect(window.slice(0, 100).lines).toEqual(lines.slice(-size));
      expect(window.slice(window.first, 100).after).toEqual(cursorAfter(LOG_START, lines));
      const place = Math.min(read, lines.length);
      const { from, isGap } = window.find(cursorAfter(LOG_START, lines.slice(0, place)));
      expect({ from, isGap }).toEqual({ from: Math.max(place, window.first), isGap: place < window.first });
    }),
  );
});
