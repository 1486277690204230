import { explain } from '../../cli/explain';
import { StorageError } from '../../cli/server/persistently';
import { UsageError } from '../../cli/usage-error';

/** As fetch rejects where it reaches nobody. */
const unreached = (cause: Error): TypeError => new TypeError('fetch failed', { cause });

test('a server that is not reached is told in a sentence, with the reason', () => {
  expect(explain(unreached(new Error('connect ECONNREFUSED 127.0.0.1:3999')))).toBe(
    'the server is not reached: connect ECONNREFUSED 127.0.0.1:3999',
  );
  const ofSeveralAddresses = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
  expect(explain(unreached(ofSeveralAddresses))).toBe('the server is not reached: ECONNREFUSED');
});

test('expected problems are told without a stack, defects with one', () => {
  expect(explain(new UsageError('--preset is missing'))).toBe('--preset is missing');
  expect(explain(new StorageError('a.jpg was not taken', true))).toBe('a.jpg was not taken');
  expect(explain(new TypeError('x is not a function'))).toContain('explain.test');
});
