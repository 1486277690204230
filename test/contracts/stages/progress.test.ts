import fc from 'fast-check';
import { parseProgressLine } from '../../../contracts/stages/progress';

test('a progress line is read however it is spaced', () => {
  const progress = { phase: 'matching', done: 120, total: 306, metrics: { pairs: 7 } };
  expect(
    parseProgressLine('{"spaceport":"progress","phase":"matching","done":120,"total":306,"metrics":{"pairs":7}}'),
  ).toEqual(progress);
  expect(
    parseProgressLine(
      '{"spaceport": "progress", "phase": "matching", "done": 120, "total": 306, "metrics": {"pairs": 7, "list": []}}',
    ),
  ).toEqual(progress);
});

test('log text, other JSON and broken lines are no progress', () => {
  for (const line of [
    '',
    'matching 120/306',
    '{"level":"info"}',
    '{"spaceport":"progress"',
    '{"spaceport":"progress","phase":1,"done":1,"total":2}',
  ])
    expect(parseProgressLine(line)).toBeNull();
  fc.assert(fc.property(fc.string(), (line) => void parseProgressLine(line)));
});
