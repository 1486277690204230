import { capacityPauseMs, machinesToTry } from '../../../contracts/machines/choice';
import { PRESETS } from '../../../contracts/stages/presets';
import { PRICE_USD_PER_HOUR } from '../../../contracts/machines/prices';
import { STAGES } from '../../../contracts/stages/stage';
import { STAGE } from '../../../contracts/stages/stages';

const machines = { instanceType: 'a', volumeGb: 10, maxRuntimeSeconds: 60, fallbacks: ['b', 'c'], larger: 'd' };
const types = (capacityFailures: number, onLarger = false): string[] =>
  machinesToTry(machines, capacityFailures, onLarger).map(({ instanceType }) => instanceType);

test('the type that AWS just did not have is asked for last', () => {
  expect(types(0)).toEqual(['a', 'b', 'c']);
  expect(types(1)).toEqual(['b', 'c', 'a']);
  expect(types(3)).toEqual(['a', 'b', 'c']);
});

test('on the last rung of the memory ladder only the larger machine will do', () => {
  expect(types(1, true)).toEqual(['d']);
});

test('other types are tried at once; then each round waits longer, up to ten times', () => {
  expect([1, 2, 3, 4, 6, 9, 12, 15, 300].map((failures) => capacityPauseMs(machines, failures, 1000))).toEqual([
    0, 0, 1000, 0, 2000, 4000, 8000, 10_000, 10_000,
  ]);
});

test.each(PRESETS)('every machine of the preset %s has a price', (name) => {
  for (const stage of STAGES) {
    const { instanceType, fallbacks, larger } = STAGE[stage].machines[name];
    for (const type of [instanceType, ...fallbacks, ...(larger === null ? [] : [larger])])
      expect(PRICE_USD_PER_HOUR[type]).toBeGreaterThan(0);
  }
});
