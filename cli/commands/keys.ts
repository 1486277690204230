import type { components } from '../../contracts/generated/api';
import { formatTime } from '../../contracts/job/formats';
import { inOneLine } from '../../contracts/job/words';
import type { Command } from '../command';
import { answered, type SpaceportApi } from '../server/spaceport-api';
import { columns } from '../text/columns';

type KeysCommand = Extract<Command, { name: 'keys' }>;
type Key = components['schemas']['Key'];

/** Lists, makes or ends API keys; returns what is printed. */
export async function keys(command: KeysCommand, { routes }: SpaceportApi): Promise<string> {
  const shown = (answer: unknown, inWords: string): string =>
    command.json ? JSON.stringify(answer, null, 2) : inWords;
  switch (command.what) {
    case 'list': {
      const { keys: all } = await answered(routes.GET('/v1/keys'));
      return shown(all, keyList(all));
    }
    case 'create': {
      const body = { name: command.keyName, scopes: [...command.scopes], expiresAt: command.expires };
      const key = await answered(routes.POST('/v1/keys', { body }));
      return shown(key, `${key.key}\nKey ${key.keyId} is shown this once: keep it where only you can read it.`);
    }
    case 'revoke': {
      const params = { path: { keyId: command.keyId } };
      const key = await answered(routes.DELETE('/v1/keys/{keyId}', { params, body: {} }));
      return shown(key, `Key ${key.keyId} (${inOneLine(key.name)}) is revoked.`);
    }
  }
}

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
