import { once } from 'node:events';
import pino from 'pino';
import { readMailConfig, type MailConfig } from './config';
import { createMailSink } from './mail-sink';
import { refuseOnRequest } from './recipient-rules';

/**
 * Runs the mail sink on 127.0.0.1 until SIGTERM or SIGINT. Stdout gets one line when it is ready; the log goes to
 * stderr.
 */
async function main({ ports, dir, logLevel }: MailConfig): Promise<void> {
  const logger = pino(
    { name: 'local-mail', level: logLevel, serializers: { error: pino.stdSerializers.err } },
    pino.destination({ dest: 2, sync: true }),
  );
  const sink = await createMailSink({ dir, onRecipient: refuseOnRequest, logger });
  const listening = await sink.listen(ports);
  process.stdout.write(
    `${JSON.stringify({ smtp: `smtp://127.0.0.1:${listening.smtp}`, http: `http://127.0.0.1:${listening.http}` })}\n`,
  );

  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  await sink.close();
}

main(readConfigOrExit()).catch((error: unknown) => {
  process.stderr.write(
    `The mail sink failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
});

function readConfigOrExit(): MailConfig {
  try {
    return readMailConfig(process.env);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
}
