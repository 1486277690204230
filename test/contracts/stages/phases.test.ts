import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PHASES, phaseWords, stageFraction } from '../../../contracts/stages/phases';
import { STAGES } from '../../../contracts/stages/stage';
import { STAGE } from '../../../contracts/stages/stages';

const CONTAINERS = path.join(__dirname, '../../../containers');

/** Names of phases in the progress lines of a stage's program, as its sources have them. */
const announced = (program: string): string[] => {
  // The encoder of compression is shared with training, which says nothing while it encodes.
  const shared = program === 'compression' ? ['common/spaceport_common/sog/*.py'] : [];
  const files = globSync([`${program}/spaceport_*/**/*.py`, ...shared], { cwd: CONTAINERS });
  const calls = files.flatMap((file) => [
    ...readFileSync(path.join(CONTAINERS, file), 'utf8').matchAll(
      /\b(?:_|say_)?progress\(\s*"([^"]+)"|partial\(progress, "([^"]+)"|\bwith phase\("([^"]+)"/g,
    ),
  ]);
  return [...new Set(calls.map(([, called, bound, whole]) => called ?? bound ?? whole ?? ''))].sort();
};

test.each(STAGES)('every phase that %s announces has words, and no other has', (stage) => {
  expect(announced(STAGE[stage].program)).toEqual(Object.keys(PHASES[stage]).sort());
});

test('the fraction of a stage goes on over its phases and ends at 1', () => {
  for (const stage of STAGES) {
    const names = Object.keys(PHASES[stage]);
    const fractions = names.flatMap((phase) =>
      [0, 0.5, 1].map((fraction) => stageFraction({ stage, phase, fraction })),
    );
    expect(fractions.every((value, index) => index === 0 || value! >= fractions[index - 1]!)).toBe(true);
    expect([fractions[0], fractions.at(-1)!.toFixed(6)]).toEqual([0, '1.000000']);
  }
  expect(stageFraction({ stage: 'sfm', phase: 'prepare', fraction: 1 })).toBeLessThan(0.5);
});

test('a phase of a newer program keeps its name, and tells no fraction of the stage', () => {
  expect(phaseWords('sfm', 'polishing')).toBe('Polishing');
  expect(stageFraction({ stage: 'sfm', phase: 'polishing', fraction: 0.5 })).toBeNull();
  expect(stageFraction({ stage: 'sfm', phase: null, fraction: null })).toBeNull();
  expect(phaseWords('sfm', 'toString')).toBe('ToString');
});
