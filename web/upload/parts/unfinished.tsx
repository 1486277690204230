import { History, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { upload as words } from '../../i18n/en/upload';
import type { Unfinished } from '../session';

/** Names of absent files that are listed; the rest is counted. */
const NAMED = 8;

/** An upload that was begun before: what it waits for, and how the chosen files fit. */
export function UnfinishedUpload({
  unfinished: { upload, found, absent },
  chosen,
  disabled,
  onDiscard,
}: {
  readonly unfinished: Unfinished;
  /** Files that are chosen now. */
  readonly chosen: number;
  readonly disabled: boolean;
  onDiscard(): Promise<void>;
}): ReactNode {
  const text = words.unfinished;
  const [isDiscarding, setIsDiscarding] = useState(false);
  const isWhole = found + absent.length === 0;
  return (
    <section className="card unfinished" aria-labelledby="unfinished-heading">
      <h2 id="unfinished-heading">
        <History aria-hidden size={20} /> {text.heading(upload.name ?? '')}
      </h2>
      {isWhole ? (
        <p>{text.all(upload.announced.files)}</p>
      ) : (
        <p>
          {text.arrived(upload.arrived.files, upload.announced.files)} {chosen === 0 ? text.again : ''}
        </p>
      )}
      {chosen > 0 && found > 0 && <p>{text.found(found)}</p>}
      {chosen > 0 && absent.length > 0 && (
        <>
          <p>{found === 0 ? text.noneFits : text.absent(absent.length)}</p>
          {found > 0 && (
            <ul className="names">
              {absent.slice(0, NAMED).map((name) => (
                <li key={name}>{name}</li>
              ))}
              {absent.length > NAMED && <li>{words.report.more(absent.length - NAMED)}</li>}
            </ul>
          )}
        </>
      )}
      <button
        type="button"
        className="danger"
        disabled={disabled || isDiscarding}
        onClick={() => {
          setIsDiscarding(true);
          void onDiscard().finally(() => setIsDiscarding(false));
        }}
      >
        <Trash2 aria-hidden size={18} /> {isDiscarding ? text.discarding : text.discard}
      </button>
    </section>
  );
}
