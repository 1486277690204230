import { X } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { scene as words } from '../i18n/en/scene';

interface Props {
  readonly heading: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Something to look at and to choose from, which the browser keeps in front; a button, Escape and Back close it. */
export function PanelDialog({ heading, onClose, children }: Props): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="panel-dialog" aria-labelledby="panel-dialog-heading" onClose={onClose}>
      <header>
        <h2 id="panel-dialog-heading">{heading}</h2>
        <button
          type="button"
          className="plain"
          aria-label={words.actions.close}
          onClick={() => dialog.current?.close()}
        >
          <X size={18} aria-hidden />
        </button>
      </header>
      {children}
    </dialog>
  );
}
