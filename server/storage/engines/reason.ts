/** Why a database cannot be used. A host with several addresses fails with an error that has one for each of them. */
export function reason(error: unknown): string {
  const { errors, message } = (error ?? {}) as { errors?: unknown; message?: unknown };
  if (Array.isArray(errors)) return errors.map(reason).join('; ');
  return typeof message === 'string' && message !== '' ? message : String(error);
}
