import { endpointsOf, loopbackOrigins } from '../../../local/stack/endpoints';
import { USUAL_PORTS } from '../../../local/stack/ports';

test('C03: pages of the server under every name of this machine may read scenes', () => {
  expect(loopbackOrigins(endpointsOf({ ...USUAL_PORTS, server: 3017 }))).toEqual([
    'http://127.0.0.1:3017',
    'http://localhost:3017',
    'http://[::1]:3017',
  ]);
});
