import { useMutation, useQueryClient, type QueryKey } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Dialog } from '../ui/dialog';
import { Problem } from '../ui/problem';
import { Secret } from './secret';

interface MakeDialogProps<Made> {
  /** Of the button that led here; `…` at its end is left out. */
  readonly action: string;
  readonly make: (values: FormData) => Promise<Made>;
  /** What is shown this once of the new thing; without a secret the form stays. */
  readonly secretOf: (made: Made) => { readonly title: string; readonly secret: string | null };
  /** What is to be done with the secret. */
  readonly text: string;
  /** What shows the thing, and is asked for anew. */
  readonly shownIn: QueryKey;
  readonly onClose: () => void;
  /** Fields. */
  readonly children: ReactNode;
}

/** Makes something that has a secret, and shows that. */
export function MakeDialog<Made>(props: MakeDialogProps<Made>): ReactNode {
  const { action, make, secretOf, text, shownIn, onClose, children } = props;
  const cache = useQueryClient();
  const making = useMutation({
    mutationFn: make,
    onSuccess: () => cache.invalidateQueries({ queryKey: shownIn }),
  });
  const made = making.data === undefined ? null : secretOf(making.data);
  if (made?.secret) return <Secret title={made.title} text={text} secret={made.secret} onClose={onClose} />;
  return (
    <Dialog
      title={action.replace('…', '')}
      action={action.replace('…', '')}
      isBusy={making.isPending}
      error={making.isError && <Problem error={making.error} />}
      onClose={onClose}
      onSubmit={(values) => making.mutate(values)}
    >
      {children}
    </Dialog>
  );
}

/** A text of a form, without blanks at its ends. */
export function textOf(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === 'string' ? value.trim() : '';
}
