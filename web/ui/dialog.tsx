import { useEffect, useRef, type ReactNode, type SubmitEvent } from 'react';
import { job as words } from '../i18n/en/job';

interface Props {
  readonly title: string;
  /** Of the button that does it. */
  readonly action: string;
  readonly isDanger?: boolean;
  /** Nothing is asked: there is no way back. */
  readonly isNotice?: boolean;
  readonly isBusy?: boolean;
  readonly error?: ReactNode;
  readonly onClose: () => void;
  readonly onSubmit: (values: FormData) => void;
  readonly children?: ReactNode;
}

/** A question that the browser keeps in front, with a form; Escape and Back close it. */
export function Dialog({
  title,
  action,
  isDanger = false,
  isNotice = false,
  isBusy = false,
  error,
  onClose,
  onSubmit,
  children,
}: Props): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    // It closes by being taken out of the document.
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    onSubmit(new FormData(event.currentTarget));
  };
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={onClose}>
      <form onSubmit={submit}>
        <h2 id="dialog-title">{title}</h2>
        {children}
        {error}
        <div className="actions">
          {!isNotice && (
            <button type="button" onClick={onClose}>
              {words.actions.back}
            </button>
          )}
          <button type="submit" className={isDanger ? 'danger' : 'primary'} disabled={isBusy}>
            {action}
          </button>
        </div>
      </form>
    </dialog>
  );
}
