import { webhookProblem } from '../../../contracts/messages/webhook-url';

const SECRET = 'x'.repeat(32);
const problem = (url: string, ...hosts: string[]): string | null => webhookProblem(url, { secret: SECRET, hosts });

test.each([
  'https://hooks.example.com/spaceport?token=abc',
  'https://hooks.example.com:8443/',
  'https://xn--bcher-kva.example/',
])('%s can get webhooks', (url) => {
  expect(problem(url)).toBeNull();
});

test.each([
  ['hooks.example.com', 'https://'],
  ['http://hooks.example.com/', 'https://'],
  ['ftp://hooks.example.com/', 'https://'],
  ['javascript:alert(1)', 'https://'],
  ['', 'https://'],
  ['https://user:password@hooks.example.com/', 'password'],
  [`https://hooks.example.com/${'x'.repeat(2000)}`, '2000'],
  ['https://127.0.0.1/', 'public host'],
  ['https://0x7f.1/', 'public host'],
  ['https://93.184.216.34/', 'public host'],
  ['https://[2606:2800::1]/', 'public host'],
  ['https://localhost/', 'public host'],
  ['https://localhost./', 'public host'],
  ['https://api.localhost/', 'public host'],
  ['https://printer/', 'public host'],
  ['https://metadata.google.internal/', 'public host'],
  ['https://nas.local/', 'public host'],
])('%s cannot, and it is said why', (url, why) => {
  expect(problem(url)).toContain(why);
});

test('a host that the operator names may be private and without TLS, on its port or on every port', () => {
  for (const hosts of [['127.0.0.1'], ['127.0.0.1:9000']])
    expect(problem('http://127.0.0.1:9000/', ...hosts)).toBeNull();
  expect(problem('http://localhost/', 'localhost:80')).toBeNull();
  expect(problem('http://[::1]:9000/', '[::1]')).toBeNull();
  expect(problem('http://127.0.0.1:9001/', '127.0.0.1:9000')).not.toBeNull();
  expect(problem('http://localhost.example.com/', 'localhost')).not.toBeNull();
});

test('without a secret there are no webhooks, whatever the address', () => {
  expect(webhookProblem('https://hooks.example.com/', { secret: null, hosts: ['hooks.example.com'] })).toContain(
    'SPACEPORT_WEBHOOK_SECRET',
  );
});
