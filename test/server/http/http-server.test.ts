import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { LOAD_BALANCER_IDLE_SECONDS } from '../../../contracts/deployment/times';
import { createHttpServer } from '../../../server/http/http-server';
import { waitFor } from '../../helpers/wait-for';

/** A second here stands for ten, so that no test waits long: what is compared is the order of what happens. */
const QUICK = { idleMs: 7500, headersMs: 400, requestMs: 900, silenceMs: 6000 };
const GET = 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';

let server: Server;
const sockets: Socket[] = [];

beforeEach(async () => {
  server = createHttpServer((request, response) => {
    request.resume().on('end', () => response.end('ok'));
  }, QUICK).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

/** A connection, what has come through it, and whether it has ended. */
function connection(): { socket: Socket; received: () => string; isClosed: () => boolean } {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => (received += text));
  socket.on('error', () => undefined); // a reset is an end too
  return { socket, received: () => received, isClosed: () => socket.destroyed };
}

/** Writes a byte now and then, for as long as the other side takes them. */
function drip(socket: Socket, begin: string): void {
  socket.write(begin);
  const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : socket.write('a')), 50);
  socket.on('close', () => clearInterval(timer));
}

test("O01: the product's server keeps an idle connection longer than a load balancer does", async () => {
  const product = createHttpServer((_request, response) => void response.end());
  expect(product.keepAliveTimeout).toBeGreaterThan(LOAD_BALANCER_IDLE_SECONDS * 1000);
  product.listen(0, '127.0.0.1');
  await once(product, 'listening');
  const { headers } = await fetch(`http://127.0.0.1:${(product.address() as AddressInfo).port}`);
  expect(headers.get('keep-alive')).toBe('timeout=130');
  product.closeAllConnections();
  product.close();
});

test('O01: a connection that was idle for longer than headers may take still answers', async () => {
  const { socket, received } = connection();
  socket.write(GET);
  await waitFor('the first answer', () => received().includes('200 OK'));
  // Silent from its start on, so that its end shows that the time for headers has passed.
  const silent = connection();
  await waitFor('the end of a silent connection', () => silent.isClosed());
  socket.write(GET);
  await waitFor('the second answer', () => received().split('200 OK').length === 3);
});

test('slow clients are cut: headers that never end, also of a second request, bodies that never end', async () => {
  const slow = [connection(), connection(), connection()] as const;
  drip(slow[0].socket, 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
  drip(slow[1].socket, `${GET}GET / HTTP/1.1\r\nHost: x\r\nX-Slow: `);
  drip(slow[2].socket, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n');
  const quick = connection();
  quick.socket.write(GET);
  await waitFor('the end of the slow ones', () => slow.every(({ isClosed }) => isClosed()));
  expect(quick.isClosed()).toBe(false);
  expect(quick.received()).toContain('200 OK');
});
