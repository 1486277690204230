/**
 * `node unfinished-upload.mjs URL CA`: begins a PUT to 127.0.0.1 under the URL's name, never ends its body, and prints the
 * status of the answer. There is one only where every proxy on the way passes a body on before it is complete. By HTTP/2,
 * as browsers do: in HTTP/1.1 the proxy itself would read a body to its end before it answers.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:http2';

const LONGEST_WAIT_MS = 20_000;

const [, , address = '', ca = ''] = process.argv;
const { origin, hostname, port, pathname } = new URL(address);
const session = connect(origin, { host: '127.0.0.1', port: Number(port), servername: hostname, ca: readFileSync(ca) });
const upload = session.request({ ':method': 'PUT', ':path': pathname });
upload.on('response', ({ ':status': status }) => {
  console.log(status);
  process.exit(0);
});
upload.write(new Uint8Array(20_000));
setTimeout(() => {
  console.error('no answer: something on the way waits for the end of the body');
  process.exit(1);
}, LONGEST_WAIT_MS);
