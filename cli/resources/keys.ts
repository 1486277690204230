import type { Argv } from 'yargs';
import { SCOPES } from '../../contracts/access/scopes';
import type { components } from '../../contracts/generated/api';
import { formatTime } from '../../contracts/job/formats';
import { inOneLine } from '../../contracts/job/words';
import type { Take } from '../command';
import { answered } from '../server/spaceport-api';
import { namesOf } from '../syntax/options';
import { columns } from '../text/columns';
import { asked, asks, given, positional, text, time } from '../syntax/request';

type Key = components['schemas']['Key'];

const OF_TENANT = { ...text, describe: 'For operators; your own without' } as const;

export const keyCommands = (program: Argv, take: Take): Argv =>
  program.command('keys', 'API keys: list, create, revoke', (keys) =>
    keys
      .command(
        ['list', '$0'],
        'The keys of the tenant',
        (list) => asked(list).option('tenant', OF_TENANT),
        asks(take, async ({ tenant }, routes) => {
          const { keys: answer } = await answered(routes.GET('/v1/keys', { params: { query: given({ tenant }) } }));
          return { answer, words: answer.length === 0 ? 'No keys yet.' : keyList(answer) };
        }),
      )
      .command(
        'create <name>',
        'Make a key, which is shown once',
        (create) =>
          asked(create)
            .positional('name', { ...positional, describe: 'What it is for' })
            .option('scopes', { ...text, describe: `${SCOPES.join(',')}; read without` })
            .option('expires', time)
            .option('tenant', OF_TENANT)
            .coerce('scopes', namesOf('--scopes', SCOPES)),
        asks(take, async ({ name, scopes, expires = null, tenant = null }, routes) => {
          const body = { name, scopes: scopes ?? ['read'], expiresAt: expires, tenant };
          const answer = await answered(routes.POST('/v1/keys', { body }));
          const words = `${answer.key}\nKey ${answer.keyId} is shown this once: keep it where only you can read it.`;
          return { answer, words };
        }),
      )
      .command(
        'revoke <id>',
        'End a key',
        (revoke) => asked(revoke).positional('id', positional).option('tenant', OF_TENANT),
        asks(take, async ({ id: keyId, tenant }, routes) => {
          const params = { path: { keyId }, query: given({ tenant }) };
          const answer = await answered(routes.DELETE('/v1/keys/{keyId}', { params, body: {} }));
          return { answer, words: `Key ${answer.keyId} (${inOneLine(answer.name)}) is revoked.` };
        }),
      ),
  );

const keyList = (keys: readonly Key[]): string =>
  columns([
    ['ID', 'NAME', 'BEGINS WITH', 'SCOPES', 'MADE', 'LAST USED', 'STATE'],
    ...keys.map((key) => [
      key.keyId,
      inOneLine(key.name),
      key.prefix,
      key.scopes.join(' '),
      formatTime(key.createdAt),
      key.lastUsedAt === null ? 'never' : formatTime(key.lastUsedAt),
      key.revokedAt !== null ? `revoked ${formatTime(key.revokedAt)}` : expiry(key.expiresAt),
    ]),
  ]);

const expiry = (at: string | null): string => (at === null ? 'valid' : `until ${formatTime(at)}`);
