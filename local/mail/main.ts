import { z } from 'zod';
import { logLevelSetting, portSetting, runEndpoint } from '../endpoint-process';
import { createMailSink, refuseOnRequest } from './mail-sink';

void runEndpoint(process.env, {
  name: 'local-mail',
  title: 'The mail sink',
  environment: z.object({
    SPACEPORT_SMTP_PORT: portSetting,
    SPACEPORT_MAIL_HTTP_PORT: portSetting,
    SPACEPORT_MAIL_DIR: z.string().min(1),
    LOG_LEVEL: logLevelSetting,
  }),
  async start({ SPACEPORT_SMTP_PORT, SPACEPORT_MAIL_HTTP_PORT, SPACEPORT_MAIL_DIR: dir }, logger) {
    const { listen, close } = await createMailSink({ dir, onRecipient: refuseOnRequest, logger });
    const { smtp, http } = await listen({ smtp: SPACEPORT_SMTP_PORT, http: SPACEPORT_MAIL_HTTP_PORT });
    return { ready: { smtp: `smtp://127.0.0.1:${smtp}`, http: `http://127.0.0.1:${http}` }, close };
  },
});
