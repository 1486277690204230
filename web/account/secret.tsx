import { useState, type ReactNode } from 'react';
import { account } from '../i18n/en/account';
import { Dialog } from '../ui/dialog';

const words = account.settings.keys;

interface Props {
  readonly title: string;
  readonly text: string;
  readonly secret: string;
  readonly onClose: () => void;
}

/** A secret that is shown this once. */
export function Secret({ title, text, secret, onClose }: Props): ReactNode {
  const [isCopied, setIsCopied] = useState(false);
  return (
    <Dialog title={title} action={words.close} isNotice onClose={onClose} onSubmit={onClose}>
      <p>{text}</p>
      <code className="secret">{secret}</code>
      <button type="button" onClick={() => void navigator.clipboard.writeText(secret).then(() => setIsCopied(true))}>
        {isCopied ? words.copied : words.copy}
      </button>
    </Dialog>
  );
}
