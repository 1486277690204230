import { endpointsOf, pageOrigins } from '../../../local/stack/endpoints';
import { USUAL_PORTS } from '../../../local/stack/ports';

test('C03: pages of the server under every name of this machine may read scenes, and those that are being worked on', () => {
  expect(pageOrigins(endpointsOf({ ...USUAL_PORTS, server: 3017 }))).toEqual([
    'http://127.0.0.1:3017',
    'http://localhost:3017',
    'http://[::1]:3017',
    'http://127.0.0.1:5173',
  ]);
});
