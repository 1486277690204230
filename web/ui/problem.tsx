import type { ReactNode } from 'react';
import { problemWords } from '../api/problem';
import { app as words } from '../i18n/en/app';

interface Props {
  readonly error: unknown;
  /** Tries again what has failed. */
  readonly again?: () => void;
}

/** What could not be loaded or done, in words, where it would have stood. */
export function Problem({ error, again }: Props): ReactNode {
  return (
    <div className="notice bad" role="alert">
      <p>{problemWords(error)}</p>
      {again !== undefined && (
        <button type="button" onClick={again}>
          {words.away.again}
        </button>
      )}
    </div>
  );
}
