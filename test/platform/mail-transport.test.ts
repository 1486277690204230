import { ConfigError } from '../../platform/config';
import { createMailTransport } from '../../platform/mail/mail-transport';

const optionsOf = (mailUrl: string): Record<string, unknown> =>
  createMailTransport({ mailUrl }).options as Record<string, unknown>;

test('A04: a password of Amazon SES arrives as it was, percent-encoded or not where it need not be', () => {
  const expected = { host: 'smtp.example.com', port: 587, secure: false, auth: { user: 'AKIA', pass: 'BAb/cd+e1=' } };
  expect(optionsOf('smtp://AKIA:BAb%2Fcd+e1=@smtp.example.com:587')).toMatchObject(expected);
  expect(optionsOf('smtp://AKIA:BAb%2Fcd%2Be1%3D@smtp.example.com:587')).toMatchObject(expected);
  expect(optionsOf('smtps://me%40example.com:p@ss:w%25rd@h')).toMatchObject({
    host: 'h',
    secure: true,
    auth: { user: 'me@example.com', pass: 'p@ss:w%rd' },
  });
});

test('options behind the address reach the transport, those of TLS where it looks for them', () => {
  expect(optionsOf('smtp://[::1]:25?requireTLS=true&tls.rejectUnauthorized=false&socketTimeout=5')).toMatchObject({
    host: '::1',
    port: 25,
    requireTLS: true,
    tls: { rejectUnauthorized: false },
    socketTimeout: 5,
  });
  expect(optionsOf('smtp://müller.example')).toMatchObject({ host: 'xn--mller-kva.example' });
});

test('A04: neither the error nor a warning of Node repeats an address that cannot be used', () => {
  const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  try {
    let message = '';
    try {
      createMailTransport({ mailUrl: 'smtp://AKIA:BAb/cd+e1=@smtp.example.com:587' });
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      ({ message } = error as Error);
    }
    expect(message).toMatch(/^SPACEPORT_MAIL_URL has .* write \/ as %2F$/);
    expect(message).not.toMatch(/BAb|AKIA/);
    createMailTransport({ mailUrl: 'smtp://AKIA:BAb%2Fcd+e1=@smtp.example.com:587' });
    expect(warned).not.toHaveBeenCalled();
  } finally {
    warned.mockRestore();
  }
});
