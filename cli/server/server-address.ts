import { UsageError } from '../usage-error';

/**
 * The address of a server as an option or a variable gives it; null where it is not given. Throws UsageError that names
 * where it came from.
 */
export function serverAddress(from: string, given: string | undefined): string | null {
  if (given === undefined || given === '') return null;
  // Not repeated: there may be a password in it.
  if (!/^https?:\/\/[^/?#]/i.test(given) || !URL.canParse(given))
    throw new UsageError(
      `${from} must be an address such as http://127.0.0.1:3000; in user name and password write / as %2F, # as %23`,
    );
  return given.replace(/\/+$/, '');
}
