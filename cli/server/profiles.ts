import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { UsageError } from '../usage-error';
import { serverAddress } from './server-address';

/** A server by name, with what to send it. */
export interface Profile {
  readonly server: string;
  readonly key: string | null;
  /** Who is told of the ends of jobs, where a command does not say. */
  readonly email: string | null;
}

const PROFILES = z.strictObject({
  default: z.string().optional(),
  profiles: z.record(
    z.string(),
    z.strictObject({ server: z.string(), key: z.string().min(1).optional(), email: z.string().min(1).optional() }),
  ),
});

/** `spaceport/profiles.json` where programs keep their settings (XDG Base Directory Specification). */
export const profilesFile = ({ XDG_CONFIG_HOME }: NodeJS.ProcessEnv): string =>
  path.join(XDG_CONFIG_HOME || path.join(homedir(), '.config'), 'spaceport', 'profiles.json');

/**
 * The profile of that name, or the default one; null where none is named and the file names none. Throws UsageError: the
 * file must be as docs/cli.md says, and nobody else's to read.
 */
export async function readProfile(name: string | null, environment: NodeJS.ProcessEnv): Promise<Profile | null> {
  const file = profilesFile(environment);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new UsageError(`${file} cannot be read (${code})`);
  });
  if (text === null) {
    if (name === null) return null;
    throw new UsageError(`there is no profile "${name}": ${file} does not exist`);
  }
  if (process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0)
    throw new UsageError(`others may read ${file}, in which keys are: run chmod 600 on it`);
  const { default: usual, profiles } = parsed(text, file);
  const chosen = name ?? usual;
  if (chosen === undefined) return null;
  const found = Object.hasOwn(profiles, chosen) ? profiles[chosen] : undefined;
  if (found === undefined) throw new UsageError(`there is no profile "${chosen}" in ${file}`);
  const server = serverAddress(`the server of profile "${chosen}"`, found.server);
  if (server === null) throw new UsageError(`profile "${chosen}" of ${file} names no server`);
  return { server, key: found.key ?? null, email: found.email ?? null };
}

function parsed(text: string, file: string): z.infer<typeof PROFILES> {
  try {
    return PROFILES.parse(JSON.parse(text));
  } catch (error) {
    // Nothing of the text is repeated: there are keys in it.
    const where =
      error instanceof z.ZodError ? error.issues.map((issue) => issue.path.join('.') || 'it').join(', ') : '';
    throw new UsageError(
      `${file} must be {"default": NAME, "profiles": {NAME: {"server": URL, "key": KEY, "email": A}}}` +
        (where === '' ? ', and is not JSON' : `; wrong: ${where}`),
    );
  }
}
